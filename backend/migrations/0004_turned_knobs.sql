-- Live knobs as a person turned them last, as JSON. A new process of the run is told them again: one that was turned
-- while the run was paused would be lost with the process that waited to hear of it.

alter table runs add column turned text not null default '{}';

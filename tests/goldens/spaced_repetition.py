"""Makes spaced_repetition.json: reviews by the reference implementation of FSRS-6, and what each comes to. A review is
`[days since the last, grade from 1 to 4, stability, difficulty, days until the next]`.

    pip install fsrs==6.3.2
    python tests/goldens/spaced_repetition.py > tests/goldens/spaced_repetition.json

Read by `frontend/src/questions/schedule.rs`.
"""

import json
from datetime import datetime, timedelta, timezone
from random import Random

from fsrs import Card, Rating, Scheduler

random = Random(6)
scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
traces = []
for _ in range(60):
    card, moment, trace = Card(), datetime(2026, 1, 1, tzinfo=timezone.utc), []
    for review in range(8):
        # Some come on the same day, some when they are due, some long after.
        gap = random.choice([0, 1, 3, 12, 40, 400])
        moment += timedelta(days=gap)
        grade = random.randint(1, 4)
        card, _ = scheduler.review_card(card, Rating(grade), moment)
        trace.append([gap, grade, card.stability, card.difficulty, (card.due - moment).days])
    traces.append(trace)
print(json.dumps(traces, separators=(",", ":")))

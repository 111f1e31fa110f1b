//! The first screen: the pad, its answer, and what the model saw.

use leptos::prelude::*;

use crate::components::answer::AnswerView;
use crate::components::bars::Bars;
use crate::components::icons::Icon;
use crate::components::model_choice::ModelChoice;
use crate::components::pad::surface::PadSurface;
use crate::components::pad::tools::PadTools;
use crate::components::seen::Seen;
use crate::i18n::{Text, home, tr};

#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <div class="home">
            <header class="home-head">
                <h1>{tr(&home::TITLE)}</h1>
                <p class="lead">{tr(&home::LEAD)}</p>
            </header>
            <div class="home-pad">
                <PadSurface />
                <PadTools />
            </div>
            <AnswerView />
            <Bars />
            <Seen />
            <ModelChoice />
            <nav class="next" aria-label=tr(&home::NEXT)>
                {next("/labs/digits", &home::NEXT_TRAIN, &home::NEXT_TRAIN_BODY)}
                {next("/models", &home::NEXT_MODELS, &home::NEXT_MODELS_BODY)}
                {next("/engine", &home::NEXT_ENGINE, &home::NEXT_ENGINE_BODY)}
            </nav>
        </div>
    }
}

fn next(href: &'static str, title: &'static Text, body: &'static Text) -> impl IntoView {
    view! {
        <a class="next-card" href=href>
            <strong>{tr(title)} {Icon::Arrow.view()}</strong>
            <span>{tr(body)}</span>
        </a>
    }
}

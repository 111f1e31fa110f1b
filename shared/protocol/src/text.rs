//! A sentence in both languages.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The languages every text exists in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Zh,
}

/// One text in English and Chinese. There is no way to leave one out, so no text can lack a translation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Text {
    pub en: Cow<'static, str>,
    pub zh: Cow<'static, str>,
}

/// A text known at compile time.
pub const fn text(en: &'static str, zh: &'static str) -> Text {
    Text { en: Cow::Borrowed(en), zh: Cow::Borrowed(zh) }
}

impl Text {
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}

//! Why a model was not used, in words.

use kindling_protocol::model::ModelError;
use kindling_protocol::text::Text;

use crate::api::ApiError;
use crate::trouble::Trouble;

/// Whatever was wrong with it: each fault has a sentence of its own. What a reader of the file said is a detail.
pub fn model(error: &ModelError) -> Trouble {
    let (en, detail) = match error {
        ModelError::Malformed { detail } => ("not a safetensors file".to_string(), detail.as_str()),
        ModelError::Manifest { detail } => ("the manifest is not usable".to_string(), detail.as_str()),
        other => (other.to_string(), ""),
    };
    let zh = match error {
        ModelError::WrongLength { expected, got } => format!("文件不完整或过长：{got} 字节，应为 {expected} 字节"),
        ModelError::WrongHash { expected, got } => format!("文件已损坏：sha256 为 {got}，应为 {expected}"),
        ModelError::Malformed { .. } => "不是 safetensors 文件".to_string(),
        ModelError::MissingTensor { name } => format!("缺少张量 `{name}`"),
        ModelError::UnexpectedTensor { name } => format!("张量 `{name}` 不属于这种结构"),
        ModelError::WrongShape { name, expected, got } => {
            format!("张量 `{name}` 的形状为 {got:?}，应为 {expected:?}")
        }
        ModelError::WrongType { name, expected, got } => format!("张量 `{name}` 的类型为 {got}，应为 {expected}"),
        ModelError::NotFinite { name } => format!("张量 `{name}` 中有无穷大或非数值"),
        ModelError::Parity { got, allowed } => {
            format!("它在这里算出了别的结果：logit 相差 {got:e}，最多允许 {allowed:e}")
        }
        ModelError::Manifest { .. } => "清单无法使用".to_string(),
    };
    let text = Text {
        en: format!("The model was not used: {en}.").into(), zh: format!("模型未被使用：{zh}。").into()
    };
    Trouble::new(text, detail)
}

/// A file of it that did not arrive as it should.
pub fn file(error: ApiError) -> Trouble {
    match error {
        ApiError::WrongLength { expected, got, .. } => model(&ModelError::WrongLength { expected, got }),
        ApiError::WrongHash { expected, got, .. } => model(&ModelError::WrongHash { expected, got }),
        other => other.trouble(),
    }
}

/// A manifest that does not name what is needed.
pub fn manifest(detail: &str) -> Trouble {
    model(&ModelError::Manifest { detail: detail.into() })
}

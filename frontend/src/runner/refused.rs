//! Why a model was not used, in words.

use kindling_protocol::model::ModelError;
use kindling_protocol::text::Text;

use crate::api::ApiError;

/// Whatever was wrong with it: each fault has a sentence of its own.
pub fn model(error: &ModelError) -> Text {
    let zh = match error {
        ModelError::WrongLength { expected, got } => format!("文件不完整或过长：{got} 字节，应为 {expected} 字节"),
        ModelError::WrongHash { expected, got } => format!("文件已损坏：sha256 为 {got}，应为 {expected}"),
        ModelError::Malformed { detail } => format!("不是 safetensors 文件（{detail}）"),
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
        ModelError::Manifest { detail } => format!("清单无法使用（{detail}）"),
    };
    Text { en: format!("The model was not used: {error}.").into(), zh: format!("模型未被使用：{zh}。").into() }
}

/// A file of it that did not arrive as it should.
pub fn file(error: ApiError) -> Text {
    match error {
        ApiError::WrongLength { expected, got, .. } => model(&ModelError::WrongLength { expected, got }),
        ApiError::WrongHash { expected, got, .. } => model(&ModelError::WrongHash { expected, got }),
        other => other.text(),
    }
}

/// A manifest that does not name what is needed.
pub fn manifest(detail: &str) -> Text {
    model(&ModelError::Manifest { detail: detail.into() })
}

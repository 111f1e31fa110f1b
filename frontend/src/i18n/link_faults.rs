//! What is wrong with a link to a lab.

use kindling_protocol::knob::{self, KnobError, KnobKind};
use kindling_protocol::lab::LabSpec;
use kindling_protocol::run::{LinkFault, MAX_SEED};
use kindling_protocol::text::Text;

/// A part of a link that can't be used.
pub fn told(spec: &LabSpec, fault: &LinkFault) -> Text {
    let zh = match fault {
        LinkFault::Seed => format!("`seed` 应为 0 到 {MAX_SEED} 之间的整数"),
        LinkFault::Knob(KnobError::Unknown { name, .. }) => format!("这个实验没有名为 `{name}` 的设置"),
        LinkFault::Knob(KnobError::Invalid { name, given, .. }) => {
            let expected = knob::find(&spec.knobs, name).map_or(String::new(), |knob| expected(&knob.kind));
            format!("设置 `{name}` 的值 `{given}` 无效{expected}")
        }
        LinkFault::Knob(KnobError::StaysInBrowser { name }) => {
            format!("设置 `{name}` 指向保存在某个浏览器中的文件，它不会被发送，只有该浏览器中的运行能读取它")
        }
    };
    Text { en: fault.to_string().into(), zh: zh.into() }
}

fn expected(kind: &KnobKind) -> String {
    match kind {
        KnobKind::Slider { min, max, .. } => format!("，应为 {min} 到 {max} 之间的数"),
        KnobKind::Count { min, max, .. } => format!("，应为 {min} 到 {max} 之间的整数"),
        KnobKind::Choice { options, .. } => {
            let ids: Vec<&str> = options.iter().map(|option| option.id.as_ref()).collect();
            format!("，应为 {} 之一", ids.join("、"))
        }
        KnobKind::Switch { .. } => "，应为 true 或 false".to_string(),
        KnobKind::File { .. } | KnobKind::Predictions => "，应为空或文件的 sha256（64 位十六进制数）".to_string(),
    }
}

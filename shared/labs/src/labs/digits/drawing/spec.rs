//! What the page is told of a drawing that is read.

use kindling_protocol::lab::Examination;
use kindling_protocol::text::text;

use super::{ANSWERS, SEEN};
use crate::labs::parts::panel;

pub fn examination() -> Examination {
    Examination {
        lead: text(
            "Write a digit and watch the answer change with every stroke. It comes from the model chosen here: the one of the page, or the one that you have just trained.",
            "写一个数字，看答案随每一笔变化。回答的是此处所选的模型：页面自带的，或你刚训练好的。",
        ),
        knobs: vec![],
        panels: vec![
            panel(
                SEEN,
                text("What the network sees", "网络看到的图片"),
                text(
                    "Of the drawing, these pixels alone: scaled and centred as the pictures of MNIST are, so size and place on the pad do not matter.",
                    "网络只得到这些像素：已按 MNIST 的方式缩放并居中，因此写多大、写在哪里都没有关系。",
                ),
            ),
            panel(
                ANSWERS,
                text("Probability of each digit", "每个数字的概率"),
                text(
                    "Softmax of the ten outputs, at the temperature that was fitted on validation data.",
                    "十个输出经 softmax 得到，所用温度在验证集上拟合。",
                ),
            ),
        ],
    }
}

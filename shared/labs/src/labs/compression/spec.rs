//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, panels};
use crate::labs::parts::{
    batch, choice, count, figure, goal, live, number, panel, pictures, ratio, samples, series, slider, told, word,
};
use crate::train::run_loop::LEARNING_RATE;

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Pruning and quantisation", "剪枝与量化"),
        summary: text(
            "Make a trained network's file many times smaller: cut its small weights, train on with what is left, write the rest in 8 or 4 bits. Bytes are of real files, accuracies of what is read back from them.",
            "把训练好的网络文件压缩到几分之一甚至十几分之一：剪掉小权重，用剩余权重继续训练，再用 8 位或 4 位存储。字节数来自真实文件，准确率来自从文件读回的权重。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 3_000.0), number("batch", 32.0)],
        goals: vec![
            goal(
                "size",
                text("A file 8 times smaller than in floats", "文件压缩到浮点格式的八分之一"),
                "ratio",
                GoalTest::AtLeast(panels::GOAL),
                // Eight bits for thirty-two are a factor of four at best.
                vec![word("pruning", "none")],
            ),
            goal(
                "accuracy",
                text("At most half a point of test accuracy lost", "测试准确率最多下降 0.5 个百分点"),
                "accuracy_lost",
                GoalTest::AtMost(0.005),
                vec![word("pruning", "one-shot"), number("sparsity", 0.95), number("fine-tune", 0.0)],
            ),
        ],
        series: vec![
            series("loss", text("Training loss", "训练损失"), "loss", Unit::Number),
            series("accuracy", text("Validation accuracy", "验证准确率"), "accuracy", Unit::Fraction),
        ],
        figures: vec![
            figure("ratio", text("Times smaller", "压缩倍数"), Unit::Number),
            figure("accuracy_lost", text("Accuracy lost", "损失的准确率"), Unit::Fraction),
            figure("accuracy", text("Test accuracy, compressed", "压缩后的测试准确率"), Unit::Fraction),
            figure(
                "dense_accuracy",
                text("Test accuracy, dense in floats", "稠密浮点网络的测试准确率"),
                Unit::Fraction,
            ),
            figure(
                "cut_accuracy",
                text("Pruned at once without fine-tuning", "一次剪枝、不微调的准确率"),
                Unit::Fraction,
            ),
            figure("bytes", text("Bytes, compressed", "压缩后的字节数"), Unit::Number),
            figure("dense_bytes", text("Bytes, dense in floats", "稠密浮点网络的字节数"), Unit::Number),
            figure("zeros", text("Weights that are zero", "为零的权重"), Unit::Fraction),
        ],
        panels: vec![
            panel(
                panels::SIZES,
                text("Size and accuracy", "大小与准确率"),
                text(
                    "Every file by its bytes and by the accuracy of what is read back from it. Left of the mark it is 8 times smaller than the safetensors, where the dashed line ends.",
                    "每个文件的大小，以及从中读回的网络的准确率。虚线右端为 safetensors 文件；标记左侧表示比它小到八分之一以下。",
                ),
            ),
            panel(
                panels::LATENCY,
                text("Latency on this device", "本设备上的延迟"),
                text(
                    "One picture at a time. A dense kernel multiplies zeros too, so pruning makes it no faster; weights of 8 and 4 bits are made floats again before it. Only the sparse kernel, on one core, skips zeros, and must look up where the others are: the legend says whether that was faster.",
                    "逐张图片测量。稠密内核照样要乘零，剪枝不会让它变快；8 位和 4 位权重在计算前会还原为浮点。只有单核上的稀疏内核会跳过零，但要先查找非零权重的位置：图例写明它是否更快。",
                ),
            ),
            panel(
                panels::WEIGHTS,
                text("Weights before and after", "压缩前后的权重"),
                text(
                    "What was cut is missing around zero; what is left stands on the steps of its scale.",
                    "被剪掉的部分在零附近缺失；剩下的落在量化的各级台阶上。",
                ),
            ),
            panel(
                panels::FILES,
                text("All files", "全部文件"),
                text(
                    "Scales, gaps and biases included. ✓ is what the knobs ask for.",
                    "已计入缩放系数、间隔和偏置。✓ 为旋钮所选。",
                ),
            ),
            told(),
            panel(
                panels::FILE,
                text("The chosen file", "所选的文件"),
                text(
                    "The very bytes that were counted, read back and tested. How they are laid out is written at the top of file.rs in the lab's code.",
                    "就是被计数、读回并测试的那些字节。其排列方式写在本实验代码 file.rs 的开头。",
                ),
            ),
        ],
        model: true,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into(), "fashion-mnist".into()],
    }
}

fn knobs() -> Vec<Knob> {
    vec![
        choice(
            "pruning",
            text("Pruning", "剪枝"),
            text(
                "All at once, or in rounds with fine-tuning after each. Both train for equally long.",
                "一次剪完，或分多轮、每轮后微调。两者的训练总量相同。",
            ),
            &[
                ("none", text("None", "不剪枝")),
                ("one-shot", text("One shot", "一次")),
                ("iterative", text("Iterative", "迭代")),
            ],
            "iterative",
        ),
        slider(
            "sparsity",
            text("Sparsity", "稀疏度"),
            text(
                "Share of all weights that becomes zero: the smallest of all layers together.",
                "变为零的权重比例：各层权重放在一起，剪掉绝对值最小的。",
            ),
            [0.1, 0.99, 0.01, 0.85],
        ),
        count(
            "rounds",
            text("Rounds", "剪枝次数"),
            text("Cuts of the iterative way; the first are the largest.", "迭代剪枝的次数；先剪得多，后剪得少。"),
            [2, 8, 1, 3],
        )
        .only_when("pruning", &["one-shot", "iterative"]),
        count(
            "fine-tune",
            text("Fine-tuning epochs", "微调轮数"),
            text(
                "After each round; one shot takes those of all rounds after its one cut. 0: none.",
                "每次剪枝之后的轮数；一次剪枝则把各轮的微调合在一起。0 表示不微调。",
            ),
            [0, 10, 1, 4],
        )
        .only_when("pruning", &["one-shot", "iterative"]),
        choice(
            "bits",
            text("Bits a weight", "每个权重的位数"),
            text("Of the file. Biases stay floats.", "指文件中的存储；偏置保持浮点。"),
            &[("32", text("32 (float)", "32（浮点）")), ("8", text("8", "8")), ("4", text("4", "4"))],
            "8",
        ),
        choice(
            "scales",
            text("Scales", "缩放系数"),
            text(
                "One for each matrix, for each output unit, or for every 32 weights.",
                "每个矩阵一个、每个输出单元一个，或每 32 个权重一个。",
            ),
            &[
                ("tensor", text("Per tensor", "逐张量")),
                ("channel", text("Per channel", "逐通道")),
                ("block", text("Per block of 32", "每 32 个一块")),
            ],
            "channel",
        ),
        choice(
            "calibration",
            text("Calibration", "校准"),
            text(
                "How a scale is chosen. None takes the range from −1 to 1, whatever the weights are.",
                "如何确定缩放系数。“无”则不看权重，一律取 −1 到 1。",
            ),
            &[
                ("none", text("None", "无")),
                ("largest", text("Largest weight", "最大权重")),
                ("least-squares", text("Least squared error", "最小平方误差")),
            ],
            "least-squares",
        ),
        live(ratio(
            LEARNING_RATE,
            text("Learning rate", "学习率"),
            text(
                "Of Adam, at its greatest. Fine-tuning takes half of it. It can be turned while training goes on.",
                "Adam 的最大学习率；微调取其一半。训练过程中也可以调整。",
            ),
            [1e-5, 1e-2, 2e-3],
        )),
        batch([16, 256, 16, 64]),
        count("epochs", text("Epochs", "轮数"), text("Of the dense network.", "稠密网络的训练轮数。"), [1, 40, 1, 10]),
        samples([500, 50_000, 500, 8_000]),
        pictures(),
    ]
}

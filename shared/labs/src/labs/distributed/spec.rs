//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::{Text, text};

use super::{SLUG, panels};
use crate::labs::parts::{choice, count, figure, goal, live, number, panel, ratio, series, slider, word};
use crate::train::run_loop::LEARNING_RATE;

/// Curves of the losses, in the order in which a step works them out.
pub const LOSSES: [(&str, Text); 3] = [
    ("replicas-loss", text("Replicas", "各副本")),
    ("large-loss", text("One worker, large batch", "单机大批量")),
    ("one-loss", text("One worker, small batch", "单机小批量")),
];

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Distributed training", "分布式训练"),
        summary: text(
            "Replicas with weights of their own share each batch and add up their gradients on a ring. Together they are one large batch, if the sum is scaled rightly.",
            "多个副本各持一份权重、分担每个批次，用环形 all-reduce 汇总梯度。只要缩放正确，它们合起来就等于一个大批量。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 2_000.0), number("epochs", 2.0)],
        goals: vec![goal(
            "equal",
            text(
                "After the run no weight of any replica is more than 0.00001 from the large batch's",
                "训练结束时，任何副本的任何权重与大批量训练相差不超过 0.00001",
            ),
            "difference",
            GoalTest::AtMost(1e-5),
            // Gradients are added and not averaged, at the same rate.
            vec![word("reduce", "sum")],
        )],
        series: LOSSES
            .map(|(id, label)| series(id, label, "loss", Unit::Number))
            .into_iter()
            .chain([series(
                "difference",
                text("Replicas to large batch, greatest difference", "副本与大批量的最大权重差"),
                "difference",
                Unit::Number,
            )])
            .collect(),
        figures: vec![
            figure("difference", text("Greatest difference to the large batch", "与大批量的最大权重差"), Unit::Number),
            figure(
                "replicas_differ",
                text("Greatest difference between replicas", "副本之间的最大权重差"),
                Unit::Number,
            ),
            figure("test_accuracy", text("Test accuracy of the replicas", "副本的测试准确率"), Unit::Fraction),
            figure("large_accuracy", text("Test accuracy, large batch", "大批量的测试准确率"), Unit::Fraction),
            figure("one_accuracy", text("Test accuracy, small batch", "小批量的测试准确率"), Unit::Fraction),
            figure("speed_up", text("Speed-up, worked out", "推算的加速比"), Unit::Number),
            figure("amdahl", text("Speed-up by Amdahl's law", "阿姆达尔定律的加速比"), Unit::Number),
            figure("measured", text("Speed-up, measured here", "本机实测的加速比"), Unit::Number),
            figure("sent_mb", text("Megabytes sent by a replica", "每个副本发送的 MB"), Unit::Number),
        ],
        panels: vec![
            panel(
                panels::LANES,
                text("Compute and all-reduce", "计算与 all-reduce"),
                text(
                    "The last steps, a lane for each replica. Computing is measured in the workers, and replicas of one worker took turns; with a machine for each and the network of the knobs, this is when they would have waited and met.",
                    "最后几步，每个副本一条泳道。计算耗时在各 worker 中实测，同一 worker 的副本轮流运行；图中推算的是每个副本独占一台机器、按所设网络通信时何时等待、何时同步。",
                ),
            ),
            panel(
                panels::SAMPLES,
                text("Loss by samples", "损失随样本数变化"),
                text(
                    "All three see the same samples in the same order. The small batch takes a step for every shard.",
                    "三者按相同顺序看相同的样本；小批量每个分片走一步。",
                ),
            ),
            panel(
                panels::SPEED,
                text("Speed-up", "加速比"),
                text(
                    "The same global batch shared by more replicas. The lines are worked out: what does not shrink with the batch follows from the times of two sizes of batch and gives Amdahl's law; all-reduce and straggler come on top. Where other programs disturb the times too much, a note says so instead. The point is measured, where more than one worker computes: eight steps (median and middle half) with the replicas side by side, from sending them weights to the last gradient, against one worker with the large batch. It lies below 1 where sending takes longer than sharing saves. The network of the knobs is not in it.",
                    "相同的全局批量由更多副本分担。曲线为推算：由两种批量的耗时得出不随批量缩小的部分，用于阿姆达尔定律，再计入 all-reduce 与慢节点；若其他程序对计时干扰过大，则不画并加以说明。点为实测（有多个 worker 时）：取八步的中位数和中间一半，从向各副本发送权重到最后一个梯度到齐，对比一个 worker 算大批量；传输比分担省下的时间还长时，它低于 1。不含所设网络。",
                ),
            ),
        ],
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into(), "cifar10".into()],
    }
}

fn knobs() -> Vec<Knob> {
    vec![
        count(
            "replicas",
            text("Replicas", "副本数"),
            text("Each has a copy of the weights and a shard of the batch.", "每个副本有一份权重和批次的一个分片。"),
            [1, 8, 1, 4],
        ),
        count(
            "batch",
            text("Batch per replica", "每个副本的批量"),
            text("The large batch is this times the replicas.", "大批量等于它乘以副本数。"),
            [4, 128, 4, 64],
        ),
        choice(
            "mode",
            text("When they meet", "同步方式"),
            text(
                "Synchronous: gradients at every step. Local SGD: each goes its own way, and weights are averaged now and then.",
                "同步：每步汇总梯度。本地 SGD：各自更新，隔若干步平均一次权重。",
            ),
            &[("sync", text("Synchronous", "同步")), ("local", text("Local SGD", "本地 SGD"))],
            "sync",
        ),
        count(
            "local-steps",
            text("Steps between averages", "平均间隔步数"),
            text("Steps that each replica takes by itself.", "各副本独自更新的步数。"),
            [1, 32, 1, 8],
        )
        .only_when("mode", &["local"]),
        choice(
            "reduce",
            text("Gradients are", "梯度汇总"),
            text(
                "Added and not divided, the gradients of four replicas make every step four times as long as it should be.",
                "只求和而不除以副本数，四个副本的每一步就是应有的四倍。",
            ),
            &[("mean", text("Averaged", "取平均")), ("sum", text("Added", "求和"))],
            "mean",
        )
        .only_when("mode", &["sync"]),
        choice(
            "compression",
            text("Compression", "梯度压缩"),
            text(
                "Top-k sends only the largest numbers of a gradient; feedback adds what was left to the next one.",
                "Top-k 只发送梯度中最大的数；误差反馈把未发送的部分加到下一步。",
            ),
            &[
                ("none", text("None", "无")),
                ("feedback", text("Top-k with error feedback", "Top-k 加误差反馈")),
                ("top-k", text("Top-k alone", "仅 Top-k")),
            ],
            "none",
        )
        .only_when("mode", &["sync"]),
        ratio(
            "keep",
            text("Share that is sent", "发送比例"),
            text("Of the numbers of a gradient.", "占梯度元素的比例。"),
            [0.001, 1.0, 0.01],
        )
        .only_when("mode", &["sync"])
        .only_when("compression", &["feedback", "top-k"]),
        live(ratio(
            LEARNING_RATE,
            text("Learning rate", "学习率"),
            text(
                "Of one worker with the batch of one replica. Where steps are too long, rounding grows until the goal fails: with eight replicas halve it. Turned while training goes on, it is turned for all three.",
                "单机、单个副本批量时的学习率。步长过大时，舍入误差会放大到目标不通过：八个副本时请减半。训练过程中调整时，三种训练一起改变。",
            ),
            [1e-4, 1.0, 0.1],
        )),
        choice(
            "scaling",
            text("Rate of the large batch", "大批量的学习率"),
            text(
                "Linear: times the replicas, since there are so many fewer steps.",
                "线性：乘以副本数，因为步数相应减少。",
            ),
            &[("linear", text("Scaled linearly", "线性缩放")), ("none", text("Not scaled", "不缩放"))],
            "linear",
        ),
        slider(
            "momentum",
            text("Momentum", "动量"),
            text(
                "0.9 is usual, and makes steps ten times as long in the end: choose a rate a tenth as large. With the rate left at 0.1, rounding grows from step to step and the goal fails. Momentum comes after what was sent, over the averaged gradient, so the replicas remain one large batch. In local SGD each keeps its own velocity; with top-k it sees only what was sent.",
                "常用 0.9，长期来看步长是原来的十倍，学习率应取十分之一；若仍用 0.1，舍入误差会逐步放大，目标不通过。动量在通信之后作用于平均梯度，所以各副本仍等于一个大批量。本地 SGD 中各副本保留自己的速度；使用 Top-k 时，动量只看到已发送的部分。",
            ),
            [0.0, 0.95, 0.05, 0.0],
        ),
        slider(
            "straggler",
            text("Slowness of the last replica", "最后一个副本的慢速倍数"),
            text("How many times as long as measured its steps take.", "其每步耗时为实测的多少倍。"),
            [1.0, 8.0, 0.5, 1.0],
        ),
        ratio(
            "bandwidth",
            text("Bandwidth, Gbit/s", "带宽（Gbit/s）"),
            text("Of each link of the ring.", "环上每条链路的带宽。"),
            [0.01, 400.0, 25.0],
        ),
        ratio(
            "latency",
            text("Latency, ms", "延迟（毫秒）"),
            text("Of each message.", "每条消息的延迟。"),
            [0.001, 50.0, 0.01],
        ),
        count(
            "width",
            text("Hidden width", "隐藏层宽度"),
            text("Units of the hidden layer.", "隐藏层的单元数。"),
            [8, 256, 8, 128],
        ),
        choice(
            "activation",
            text("Hidden units", "隐藏单元"),
            text(
                "ReLU has a kink at 0. A sum near it that rounds to either side switches a unit on in one run and off in the other, and they part: with about half of the seeds the goal fails, though nothing is wrong and both learn as well. Tanh is smooth.",
                "ReLU 在 0 处有折点：接近 0 的和只要舍入到不同一侧，单元就会在一次训练中开启、在另一次中关闭，两者从此分开。因此约一半的种子下目标不通过，尽管程序没有错，两者也学得一样好。Tanh 处处光滑。",
            ),
            &[("tanh", text("Tanh", "Tanh")), ("relu", text("ReLU", "ReLU"))],
            "tanh",
        ),
        count(
            "epochs",
            text("Epochs", "训练轮数"),
            text("How often each sample is seen.", "每个样本被看到的次数。"),
            [1, 20, 1, 4],
        ),
        count(
            "samples",
            text("Training samples", "训练样本数"),
            text(
                "From the front of the training set. Of colour pictures at most 10,000.",
                "取自训练集的开头。彩色图片最多 10,000 张。",
            ),
            [500, 20_000, 500, 12_000],
        ),
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Handwritten digits, small colour photos of ten classes, or pictures made by the program. One hidden layer reads digits well and photos badly; its replicas are one large batch on either.",
                "手写数字、十类彩色小照片，或程序生成的图片。只有一个隐藏层的网络认数字很好，认照片很差；但无论哪种数据，各副本都等于一个大批量。",
            ),
            &[
                ("mnist", text("MNIST", "MNIST")),
                ("cifar10", text("CIFAR-10", "CIFAR-10")),
                ("generated", text("Generated digits", "程序生成的数字")),
                ("generated-colour", text("Generated colour pictures", "程序生成的彩色图片")),
            ],
            "mnist",
        ),
    ]
}

//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, panels};
use crate::labs::parts::{
    OWN, batch, choice, count, figure, goal, judged, live_rate, number, own_table, panel, series, word,
};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Ensembles", "集成学习"),
        summary: text(
            "Train several networks and let them vote. See when that is better than the best of them, and when it is not.",
            "训练多个网络，让它们投票。看看什么时候投票胜过其中最好的一个，什么时候不行。",
        ),
        knobs: knobs(),
        quick: vec![number("epochs", 12.0)],
        goals: vec![
            // Of a table of one's own a note says why not.
            judged(
                "data",
                &["mnist", "wine-quality", "generated"],
                goal(
                    "vote",
                    text(
                        "The vote is right more often than the best member, by 0.2 points",
                        "投票的准确率比最好的成员高 0.2 个百分点",
                    ),
                    "gain",
                    GoalTest::AtLeast(0.002),
                    vec![word("diversity", "none")],
                ),
            ),
            // It holds on any table that leaves something to gain. Of others the report leaves the figure out.
            goal(
                "loss",
                text("The loss of the mean is below the mean loss, by 0.02", "平均概率的损失比各成员损失的均值低 0.02"),
                "loss_gain",
                GoalTest::AtLeast(0.02),
                vec![word("diversity", "none")],
            ),
        ],
        series: vec![series(
            "member-loss",
            text("Loss, member after member", "损失（逐个成员）"),
            "loss",
            Unit::Number,
        )],
        figures: vec![
            figure("vote", text("Accuracy of the vote", "投票准确率"), Unit::Fraction),
            figure("best_member", text("Accuracy of the best member", "最好成员的准确率"), Unit::Fraction),
            figure("mean_member", text("Mean accuracy of the members", "成员平均准确率"), Unit::Fraction),
            figure("gain", text("Vote over the best member", "投票超过最好成员"), Unit::Fraction),
            figure("mean_loss", text("Mean of the members' losses", "成员损失的均值"), Unit::Number),
            figure("loss_of_mean", text("Loss of the mean", "平均概率的损失"), Unit::Number),
            figure("loss_gain", text("Loss gained by the mean", "取平均带来的损失下降"), Unit::Number),
            figure("disagreement", text("Two members differ on", "两个成员意见不同的比例"), Unit::Fraction),
            figure("member_ece", text("Miscalibration of a member (ECE)", "单个成员的校准误差 (ECE)"), Unit::Fraction),
            figure("vote_ece", text("Miscalibration of the mean (ECE)", "平均概率的校准误差 (ECE)"), Unit::Fraction),
        ],
        panels: vec![
            panel(
                panels::ERRORS,
                text("Member against vote", "成员与投票"),
                text(
                    "Share of the test set that each member and the vote get wrong.",
                    "每个成员以及投票在测试集上答错的比例。",
                ),
            ),
            panel(
                panels::LOSSES,
                text("Mean of losses, loss of the mean", "损失的均值与均值的损失"),
                text(
                    "Cross-entropy of each member, their mean, and the cross-entropy of the mean probabilities. The last is never above the one before it.",
                    "每个成员的交叉熵、它们的均值，以及平均概率的交叉熵。最后一项从不高于前一项。",
                ),
            ),
            panel(
                panels::SIZE,
                text("How many members", "需要多少成员"),
                text(
                    "Accuracy of the vote of every choice among the members: the mean, and from the worst to the best choice.",
                    "从成员中任选若干个投票的准确率：均值，以及从最差组合到最好组合的范围。",
                ),
            ),
            panel(
                panels::DISAGREEMENT,
                text("Disagreement", "分歧"),
                text(
                    "Share of the test set on which two members answer differently. Members that never differ have nothing to correct.",
                    "两个成员回答不同的测试样本比例。从不意见相左的成员，也就无从互相纠正。",
                ),
            ),
            panel(
                panels::DECISIONS,
                text("Answers of the vote", "投票的回答"),
                text(
                    "Rows are the true classes, columns the answers. Behind a cell: how many members were right about each sample.",
                    "行是真实类别，列是投票的回答。点开一格，可看到每个样本有几个成员答对。",
                ),
            ),
            panel(
                panels::CALIBRATION,
                text("Calibration", "校准"),
                text(
                    "How often answers are right, by how sure they were. Below the diagonal is too sure.",
                    "按置信度分组后答案实际正确的比例。低于对角线表示过于自信。",
                ),
            ),
            panel(
                panels::PREDICTIONS,
                text("Predictions of the mean", "平均概率的预测"),
                text("What the mean of the members says of every test sample.", "成员平均概率对每个测试样本的预测。"),
            ),
        ],
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into(), "wine-quality".into()],
    }
}

fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        count(
            "members",
            text("Members", "成员数"),
            text("Networks that are trained and vote.", "训练并参与投票的网络数。"),
            [2, 8, 1, 7],
        ),
        choice(
            "diversity",
            text("They differ in", "差异来源"),
            text(
                "Seeds: first weights and the order of samples. Bagging: each has a random share of the data, too. Networks: of four kinds in turn. Nothing: the mistake to see.",
                "种子：初始权重和样本顺序。自助采样：另外各自使用随机抽取的数据。网络：四种结构轮流使用。无差异：用来观察的典型错误。",
            ),
            &[
                ("seed", text("Seeds", "随机种子")),
                ("bagging", text("Seeds and data (bagging)", "种子与数据（自助采样）")),
                ("architecture", text("Seeds and networks", "种子与网络结构")),
                ("none", text("Nothing", "无差异")),
            ],
            "bagging",
        ),
        choice(
            "voting",
            text("Voting", "投票方式"),
            text(
                "Soft: the mean of the probabilities decides. Hard: each member has one vote.",
                "软投票：由平均概率决定。硬投票：每个成员一票。",
            ),
            &[("soft", text("Soft", "软投票")), ("hard", text("Hard", "硬投票"))],
            "soft",
        ),
        choice(
            "weights",
            text("Weights of the votes", "投票权重"),
            text(
                "Equal, or by the log-odds of being right on validation data, plus log(classes − 1): a member at chance weighs nothing.",
                "相等，或按验证集上答对的对数几率加 log(类别数 − 1) 加权：随机水平的成员权重为零。",
            ),
            &[("equal", text("Equal", "相等")), ("accuracy", text("By accuracy", "按准确率"))],
            "equal",
        ),
        count(
            "width",
            text("Hidden width", "隐藏层宽度"),
            text("Units of a hidden layer.", "隐藏层的单元数。"),
            [8, 256, 8, 64],
        ),
        live_rate([1e-4, 1.0, 0.01]),
        batch([8, 256, 8, 32]),
        count(
            "epochs",
            text("Epochs", "轮数"),
            text("Times through the training set, for each member.", "每个成员遍历训练集的次数。"),
            [1, 200, 1, 60],
        ),
        count(
            "samples",
            text("Training samples", "训练样本数"),
            text(
                "Few samples leave much to be said differently: there votes gain most.",
                "样本少时各成员分歧大，投票的收益也最大。",
            ),
            [200, 20_000, 100, 1_000],
        ),
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Handwritten digits, grades of wine, digits drawn by a program, or your own table.",
                "手写数字、葡萄酒评分、由程序绘制的数字，或你自己的表格。",
            ),
            &[
                ("mnist", text("MNIST", "MNIST")),
                ("wine-quality", text("Wine quality", "葡萄酒质量")),
                ("generated", text("Generated", "程序生成")),
                OWN,
            ],
            "mnist",
        ),
    ];
    knobs.extend(own_table());
    knobs
}

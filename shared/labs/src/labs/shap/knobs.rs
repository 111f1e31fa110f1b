//! What can be turned.

use kindling_protocol::knob::Knob;
use kindling_protocol::text::text;

use crate::labs::parts::{OWN, choice, count, own_table};

pub fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Tables of people, cells and wines, handwritten digits, a generated table whose true effects are known, or your own.",
                "人口、细胞和葡萄酒的表格，手写数字，真实效应已知的生成表格，或你自己的表格。",
            ),
            &[
                ("adult", text("Adult (income)", "Adult（收入）")),
                ("breast-cancer", text("Breast cancer", "乳腺癌")),
                ("wine-quality", text("Wine quality", "葡萄酒质量")),
                ("mnist", text("MNIST digits", "MNIST 手写数字")),
                ("generated", text("Generated, additive", "程序生成（可加）")),
                OWN,
            ],
            "adult",
        ),
        choice(
            "model",
            text("Model", "模型"),
            text(
                "A network with one hidden layer, or logistic regression, whose SHAP values in log-odds are its weights times how far each input is from its mean.",
                "单隐藏层网络，或逻辑回归：后者在对数几率上的 SHAP 值就是权重乘以输入与其均值之差。",
            ),
            &[("mlp", text("Network (MLP)", "网络 (MLP)")), ("linear", text("Logistic regression", "逻辑回归"))],
            "mlp",
        ),
        count(
            "hidden",
            text("Hidden width", "隐藏层宽度"),
            text("Units of the hidden layer.", "隐藏层的单元数。"),
            [8, 128, 8, 32],
        )
        .only_when("model", &["mlp"]),
        count(
            "steps",
            text("Training steps", "训练步数"),
            text("Steps of 128 rows.", "每步 128 个样本。"),
            [50, 3000, 50, 800],
        ),
        choice(
            "method",
            text("Method", "方法"),
            text(
                "Exact goes through all coalitions of up to 12 features; KernelSHAP asks some and fits the rest; DeepSHAP goes through the network's layers.",
                "精确法遍历至多 12 个特征的全部子集；KernelSHAP 只询问一部分再拟合；DeepSHAP 沿网络各层传播。",
            ),
            &[
                ("kernel", text("KernelSHAP", "KernelSHAP")),
                ("exact", text("Exact", "精确")),
                ("deep", text("DeepSHAP", "DeepSHAP")),
            ],
            "kernel",
        ),
        choice(
            "output",
            text("What is explained", "解释的量"),
            text(
                "The probability of the class, or the log-odds, in which a network adds up before it squeezes. Of digits always the log-odds.",
                "该类别的概率，或压缩之前网络相加所在的对数几率。手写数字总是用对数几率。",
            ),
            &[("probability", text("Probability", "概率")), ("log-odds", text("Log-odds", "对数几率"))],
            "probability",
        ),
        count(
            "class",
            text("Class", "类别"),
            text(
                "Whose answer is explained, counted from 1. Of two classes the second is the rarer one; with the other, every sign turns round.",
                "解释哪个类别的输出，从 1 数起。两类时第二类较少见；换成另一类，所有符号都会反过来。",
            ),
            [1, 10, 1, 2],
        ),
        count(
            "background",
            text("Background rows", "背景样本数"),
            text(
                "Training rows that stand in for a feature that is taken away. Answers are averaged over them.",
                "特征被拿掉时用来代替它的训练样本，模型输出在这些样本上取平均。",
            ),
            [1, 500, 1, 100],
        ),
        choice(
            "rows",
            text("Which background", "背景的选法"),
            text(
                "Spread over the range of the model's answers, so that their mean is right, or drawn at random.",
                "按模型输出的分布均匀选取，使其均值准确；或随机抽取。",
            ),
            &[("spread", text("Spread", "均匀选取")), ("random", text("Random", "随机"))],
            "spread",
        ),
        count(
            "coalitions",
            text("Coalitions", "特征子集数"),
            text("How many sets of features KernelSHAP may ask about.", "KernelSHAP 最多询问多少个特征子集。"),
            [10, 4094, 1, 2048],
        ),
        count(
            "explained",
            text("Rows explained", "解释的样本数"),
            text("Test rows that SHAP values are worked out for.", "计算 SHAP 值的测试样本数。"),
            [20, 1000, 20, 300],
        ),
        count(
            "row",
            text("Row shown", "展示的样本"),
            text("Which of them the waterfall is of.", "瀑布图展示其中哪一个。"),
            [1, 1000, 1, 1],
        ),
        count(
            "feature",
            text("Feature shown", "展示的特征"),
            text(
                "Which column the dependence chart is of; 0: the most important.",
                "依赖图展示第几列；0 表示最重要的特征。",
            ),
            [0, 63, 1, 0],
        ),
        choice(
            "compare",
            text("Groups", "分组方式"),
            text(
                "By the first feature with two levels (with adult: sex), or by the true class.",
                "按第一个二值特征分组（Adult 数据中是性别），或按真实类别分组。",
            ),
            &[("feature", text("A feature", "按特征")), ("class", text("True class", "按真实类别"))],
            "feature",
        ),
    ];
    knobs.splice(1..1, own_table());
    knobs
}

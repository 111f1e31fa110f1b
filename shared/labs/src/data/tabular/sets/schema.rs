//! What the columns of each set mean.

use kindling_protocol::text::{Text, text};

/// How a set's files are read.
#[derive(Debug)]
pub struct Schema {
    pub name: &'static str,
    /// In the order of their rows.
    pub parts: &'static [&'static str],
    /// The files begin with names.
    pub header: bool,
    pub columns: &'static [Meaning],
    /// How a class stands in the file, and how it is shown.
    pub classes: &'static [(&'static str, &'static str)],
    /// A column that says which part a row is of, and its value for each part.
    pub part_is: Option<(&'static str, &'static [&'static str])>,
}

#[derive(Debug)]
pub struct Meaning {
    pub name: &'static str,
    pub role: Role,
    pub text: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Number,
    /// Even if its cells are digits.
    Category,
    /// Says nothing of other rows.
    Ignored,
    Label,
}

/// By name.
pub const SCHEMAS: &[Schema] = &[
    Schema {
        name: "adult",
        parts: &["train", "test"],
        header: false,
        columns: ADULT,
        // The labels of the test half end with a dot.
        classes: &[("<=50K", "<=50K"), ("<=50K.", "<=50K"), (">50K", ">50K"), (">50K.", ">50K")],
        part_is: None,
    },
    Schema {
        name: "breast-cancer",
        parts: &["all"],
        header: false,
        columns: BREAST_CANCER,
        classes: &[("2", "benign"), ("4", "malignant")],
        part_is: None,
    },
    Schema {
        name: "credit-default",
        parts: &["all"],
        header: true,
        columns: CREDIT_DEFAULT,
        classes: &[("0", "pays"), ("1", "defaults")],
        part_is: None,
    },
    Schema {
        name: "mammography",
        parts: &["all"],
        header: false,
        columns: MAMMOGRAPHY,
        classes: &[("'-1'", "other"), ("'1'", "calcification")],
        part_is: None,
    },
    Schema {
        name: "wine-quality",
        parts: &["red", "white"],
        header: false,
        columns: WINE_QUALITY,
        classes: &[],
        part_is: Some(("colour", &["red", "white"])),
    },
];

const fn column(name: &'static str, role: Role, text: Text) -> Meaning {
    Meaning { name, role, text }
}

const ADULT: &[Meaning] = &[
    column("age", Role::Number, text("Age in years", "年龄")),
    column("workclass", Role::Category, text("Kind of employer", "雇主类型")),
    column("fnlwgt", Role::Ignored, text("How many people the row stands for", "该行代表的人数")),
    column("education", Role::Category, text("Highest level of education", "最高学历")),
    column("education-num", Role::Number, text("The same as a number, 1 to 16", "以数字表示的学历，1 至 16")),
    column("marital-status", Role::Category, text("Marital status", "婚姻状况")),
    column("occupation", Role::Category, text("Occupation", "职业")),
    column("relationship", Role::Category, text("Place in the household", "家庭角色")),
    column("race", Role::Category, text("Race as the census had it", "人口普查中的种族")),
    column("sex", Role::Category, text("Sex as the census had it", "人口普查中的性别")),
    column("capital-gain", Role::Number, text("Capital gains in dollars", "资本收益（美元）")),
    column("capital-loss", Role::Number, text("Capital losses in dollars", "资本损失（美元）")),
    column("hours-per-week", Role::Number, text("Hours worked a week", "每周工作小时数")),
    column("native-country", Role::Category, text("Country of birth", "出生国家")),
    column("income", Role::Label, text("More than 50,000 dollars a year", "年收入是否超过 5 万美元")),
];

const BREAST_CANCER: &[Meaning] = &[
    column("clump-thickness", Role::Number, text("Clump thickness, from 1 to 10", "团块厚度，1 至 10")),
    column("cell-size", Role::Number, text("Uniformity of cell size, from 1 to 10", "细胞大小的均匀度，1 至 10")),
    column("cell-shape", Role::Number, text("Uniformity of cell shape, from 1 to 10", "细胞形状的均匀度，1 至 10")),
    column("adhesion", Role::Number, text("Marginal adhesion, from 1 to 10", "边缘黏附，1 至 10")),
    column(
        "epithelial-size",
        Role::Number,
        text("Size of single epithelial cells, from 1 to 10", "单个上皮细胞大小，1 至 10"),
    ),
    column("bare-nuclei", Role::Number, text("Bare nuclei, from 1 to 10", "裸核，1 至 10")),
    column("chromatin", Role::Number, text("Bland chromatin, from 1 to 10", "染色质，1 至 10")),
    column("nucleoli", Role::Number, text("Normal nucleoli, from 1 to 10", "正常核仁，1 至 10")),
    column("mitoses", Role::Number, text("Mitoses, from 1 to 10", "有丝分裂，1 至 10")),
    column("diagnosis", Role::Label, text("Benign or malignant", "良性或恶性")),
];

const CREDIT_DEFAULT: &[Meaning] = &[
    column("ID", Role::Ignored, text("Number of the client", "客户编号")),
    column("LIMIT_BAL", Role::Number, text("Credit limit in New Taiwan dollars", "信用额度（新台币）")),
    column("SEX", Role::Category, text("Sex: 1 male, 2 female", "性别，1 男，2 女")),
    column(
        "EDUCATION",
        Role::Category,
        text(
            "Education: 1 graduate school, 2 university, 3 high school, 4 others",
            "学历，1 研究生，2 大学，3 高中，4 其他",
        ),
    ),
    column(
        "MARRIAGE",
        Role::Category,
        text("Marriage: 1 married, 2 single, 3 others", "婚姻状况，1 已婚，2 单身，3 其他"),
    ),
    column("AGE", Role::Number, text("Age in years", "年龄")),
    column(
        "PAY_0",
        Role::Number,
        text(
            "Months of delay in September 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 9 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column(
        "PAY_2",
        Role::Number,
        text(
            "Months of delay in August 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 8 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column(
        "PAY_3",
        Role::Number,
        text(
            "Months of delay in July 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 7 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column(
        "PAY_4",
        Role::Number,
        text(
            "Months of delay in June 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 6 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column(
        "PAY_5",
        Role::Number,
        text(
            "Months of delay in May 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 5 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column(
        "PAY_6",
        Role::Number,
        text(
            "Months of delay in April 2005; -1 paid in full, 0 minimum, -2 no use",
            "2005 年 4 月的逾期月数；-1 已付清，0 付最低额，-2 未使用",
        ),
    ),
    column("BILL_AMT1", Role::Number, text("Bill of September 2005", "2005 年 9 月的账单金额")),
    column("BILL_AMT2", Role::Number, text("Bill of August 2005", "2005 年 8 月的账单金额")),
    column("BILL_AMT3", Role::Number, text("Bill of July 2005", "2005 年 7 月的账单金额")),
    column("BILL_AMT4", Role::Number, text("Bill of June 2005", "2005 年 6 月的账单金额")),
    column("BILL_AMT5", Role::Number, text("Bill of May 2005", "2005 年 5 月的账单金额")),
    column("BILL_AMT6", Role::Number, text("Bill of April 2005", "2005 年 4 月的账单金额")),
    column("PAY_AMT1", Role::Number, text("Paid in September 2005", "2005 年 9 月的还款金额")),
    column("PAY_AMT2", Role::Number, text("Paid in August 2005", "2005 年 8 月的还款金额")),
    column("PAY_AMT3", Role::Number, text("Paid in July 2005", "2005 年 7 月的还款金额")),
    column("PAY_AMT4", Role::Number, text("Paid in June 2005", "2005 年 6 月的还款金额")),
    column("PAY_AMT5", Role::Number, text("Paid in May 2005", "2005 年 5 月的还款金额")),
    column("PAY_AMT6", Role::Number, text("Paid in April 2005", "2005 年 4 月的还款金额")),
    column("default", Role::Label, text("The next payment was not made", "下月是否违约")),
];

const MAMMOGRAPHY: &[Meaning] = &[
    column("area", Role::Number, text("Area of the bright spot", "亮斑面积")),
    column("grey-level", Role::Number, text("Average grey level", "平均灰度")),
    column("gradient", Role::Number, text("Gradient strength along its rim", "边缘梯度强度")),
    column("noise", Role::Number, text("Root-mean-square noise within", "内部噪声的均方根")),
    column("contrast", Role::Number, text("Contrast with what is around it", "与周围的对比度")),
    column("moment", Role::Number, text("A moment of its shape", "形状矩")),
    column("class", Role::Label, text("Is it a microcalcification", "是否为微钙化")),
];

const WINE_QUALITY: &[Meaning] = &[
    column("fixed-acidity", Role::Number, text("Fixed acidity, g/l", "固定酸度，克/升")),
    column("volatile-acidity", Role::Number, text("Volatile acidity, g/l", "挥发性酸度，克/升")),
    column("citric-acid", Role::Number, text("Citric acid, g/l", "柠檬酸，克/升")),
    column("residual-sugar", Role::Number, text("Residual sugar, g/l", "残糖，克/升")),
    column("chlorides", Role::Number, text("Chlorides, g/l", "氯化物，克/升")),
    column("free-sulfur-dioxide", Role::Number, text("Free sulphur dioxide, mg/l", "游离二氧化硫，毫克/升")),
    column("total-sulfur-dioxide", Role::Number, text("Total sulphur dioxide, mg/l", "总二氧化硫，毫克/升")),
    column("density", Role::Number, text("Density, g/ml", "密度，克/毫升")),
    column("ph", Role::Number, text("pH", "pH 值")),
    column("sulphates", Role::Number, text("Sulphates, g/l", "硫酸盐，克/升")),
    column("alcohol", Role::Number, text("Alcohol, percent by volume", "酒精，体积百分比")),
    column("quality", Role::Label, text("Median of three tasters, 0 to 10", "三位品酒师评分的中位数，0 至 10")),
];

//! What the server refuses, by its code. The server says it in English; here it is said in Chinese.

/// A whole sentence for every code, also for one that a newer server brings.
pub fn zh(code: &str) -> &'static str {
    match code {
        "queue_full" => "排队的运行太多，请等待其中一些结束后再试。",
        "too_many_controls" => "操作太频繁，请稍后再试。",
        "too_many_streams" | "too_many_uploads" => "同时进行的连接太多，请稍后再试。",
        "unknown_run" => "服务器上没有这个运行。",
        "unknown_lab" => "服务器上没有这个实验。",
        "unknown_device" => "服务器上没有这个设备。",
        "unknown_model" => "服务器上没有这个模型。",
        "unknown_blob" | "missing_blob" => "服务器上没有这个文件。",
        "unknown_data" | "data_missing" => "服务器上没有这个数据集。",
        "data_damaged" => "服务器上的数据集已损坏，需要重新下载。",
        "invalid_config" | "invalid_knob" | "invalid_steps" => "服务器没有接受这些设置：有的值超出了范围。",
        "knob_not_live" => "这个设置在运行中不能调整。",
        "invalid_name" | "invalid_model_name" => "服务器没有接受这个名称。",
        "wrong_state" | "run_occupied" => "该运行目前的状态不允许这样操作。",
        "no_weights" => "该运行还没有模型，请先运行几步。",
        "storage_full" => "服务器的存储空间已满。",
        "too_large" => "内容太大，服务器没有接受。",
        "cross_origin" | "unknown_host" => "服务器不接受从这个地址发来的请求。",
        "bad_hash" | "broken_upload" => "文件在上传中损坏，请重试。",
        "wrong_length" | "wrong_hash" | "malformed" | "missing_tensor" | "unexpected_tensor" | "wrong_shape"
        | "wrong_type" | "not_finite" | "parity" | "manifest" => "模型未通过服务器的校验，没有被接受。",
        "internal" => "服务器内部出错。",
        _ => "服务器拒绝了请求。",
    }
}

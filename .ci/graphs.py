"""What the benchmarks share: one ONNX file as ONNX Runtime and as PyTorch run it."""


def runtime_session(path, threads):
    """ONNX Runtime's session of a file, and the name of its input."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"])
    return session, session.get_inputs()[0].name


def folded(path, target):
    """The file with a batch of one and every constant computed, by ONNX Runtime, in `target`."""
    import onnx
    import onnxruntime
    from onnxruntime.tools.onnx_model_utils import make_dim_param_fixed

    proto = onnx.load(path)
    make_dim_param_fixed(proto.graph, proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param, 1)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return target


def torch_function(path):
    """The graph, batch norm folded by its exporter, as PyTorch operators in eager mode."""
    import onnx
    import torch
    from onnx import numpy_helper
    from torch.nn import functional

    graph = onnx.load(path).graph
    constants = {t.name: torch.tensor(numpy_helper.to_array(t).copy()) for t in graph.initializer}

    def result(node, given, a):
        match node.op_type:
            case "Conv":
                top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
                padding = (top, left)
                if (top, left) != (bottom, right):
                    given[0] = functional.pad(given[0], (left, right, top, bottom))
                    padding = (0, 0)
                return functional.conv2d(
                    *given, stride=tuple(a.get("strides", [1, 1])), padding=padding,
                    groups=a.get("group", 1))
            case "BatchNormalization":
                x, scale, bias, mean, variance = given
                return functional.batch_norm(
                    x, mean, variance, scale, bias, eps=a.get("epsilon", 1e-5))
            case "Relu":
                return functional.relu(given[0])
            case "Clip":
                return torch.clamp(*given)
            case "Add":
                return given[0] + given[1]
            case "GlobalAveragePool" | "ReduceMean":
                return given[0].mean((2, 3), keepdim=bool(a.get("keepdims", 1)))
            case "Flatten":
                return given[0].flatten(1)
            case "Reshape":
                return given[0].reshape(given[1].tolist())
            case "Gather":
                return given[0][given[1]]
            case "Gemm":
                return functional.linear(*given)
            case "Constant":
                return torch.tensor(numpy_helper.to_array(a["value"]).copy())
        raise SystemExit(f"graphs: {node.op_type} has no PyTorch counterpart here")

    def run(x):
        values = {**constants, graph.input[0].name: x}
        for node in graph.node:
            given = [values[name] for name in node.input if name]
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = result(node, given, attributes)
        return values[graph.output[0].name]

    return run

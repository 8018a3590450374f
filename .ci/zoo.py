"""Image classifiers with seeded, lively weights, and the ways they come to be ONNX files.

Fresh networks are degenerate in places: layer scales of 1e-6, zero heads and gains, batch statistics
of 0 and 1. A fault there would not show, so `make` gives every such parameter a value that matters.
"""

import contextlib
import functools
import io
import itertools
import logging
import types
import warnings

TORCHVISION = """alexnet vgg11_bn resnet18 resnext50_32x4d wide_resnet50_2 regnet_y_400mf densenet121
    googlenet inception_v3 squeezenet1_1 mobilenet_v2 mobilenet_v3_small mnasnet0_5
    shufflenet_v2_x0_5 efficientnet_b0 efficientnet_v2_s convnext_tiny vit_b_16 swin_t swin_v2_t
    maxvit_t""".split()
TIMM = """beit_base_patch16_224 eca_botnext26ts_256 repvgg_a0 cait_xxs24_224 coat_lite_tiny convit_tiny
    convmixer_1024_20_ks9_p14 convnextv2_atto cpubone_nano crossvit_tiny_240 csatv2 cs3darknet_focus_s
    cspnext_tiny davit_tiny deepseek_vit_412m deit_tiny_patch16_224 densenetblur121d dla46x_c dpn48b
    edgenext_xx_small efficientformer_l1 efficientformerv2_s0 tf_efficientnet_b0 efficientvim_m1
    efficientvit_b0 efficientvit_m0 eva02_tiny_patch14_224 fasternet_t0 fastvit_t8 focalnet_tiny_srf
    gcvit_xxtiny gemma4_vit_167m ghostnet_100 hardcorenas_b hgnetv2_b0 hiera_tiny_224 hieradet_small
    hrnet_w18_small iformer_t inception_next_atto inception_resnet_v2 inception_v3.gluon_in1k inception_v4
    lcnetv2_small levit_128s lowformer_b0 mambaout_femto maxvit_pico_rw_256 poolformerv2_s12
    mixer_s16_224 mobilenetv3_small_050 mobilenetv5_base mobilevit_xxs mvitv2_tiny
    naflexvit_base_patch16_gap nasnetalarge nest_tiny nextvit_small eca_nfnet_l0 pit_ti_224
    pnasnet5large pvt_v2_b0 qwen3_vit_88m rdnet_tiny regnetx_002 repghostnet_050 repvit_m1 res2next50
    resnest14d resnet10t resnetv2_18 rexnet_100 selecsls42 legacy_seresnet18 sequencer2d_s shvit_s1 skresnet18
    starnet_s050 swiftformer_xs swin_s3_tiny_224 swinv2_tiny_window8_256 swinv2_cr_tiny_224
    tiny_vit_5m_224 tnt_s_patch16_224 tresnet_m twins_svt_small vgg11 visformer_tiny
    vit_tiny_patch16_224 vit_tiny_r_s16_p8_224 vit_srelpos_small_patch16_224 samvit_base_patch16_224
    vitamin_small_224 volo_d1_224 ese_vovnet19b_slim_dw legacy_xception xception41p
    xcit_nano_12_p16_224""".split()
NARROW = {"embed_dim": 192, "depth": 4, "num_heads": 3}
OPTIONS = {"googlenet": {"aux_logits": False, "init_weights": False},
           "inception_v3": {"aux_logits": False, "init_weights": False},
           "beit_base_patch16_224": NARROW,
           "cait_xxs24_224": {"depth": 6},
           "deepseek_vit_412m": {**NARROW, "img_size": 210},
           "gemma4_vit_167m": {**NARROW, "img_size": 288, "intermediate_size": 768},
           "naflexvit_base_patch16_gap": NARROW,
           "qwen3_vit_88m": {**NARROW, "img_size": 224},
           "samvit_base_patch16_224": {**NARROW, "global_attn_indexes": (1, 3)},
           "vgg11": {"mlp_ratio": 0.125}}
SIZES = {"csatv2": 256, "deepseek_vit_412m": 210, "gemma4_vit_167m": 288, "inception_v3": 299,
         "naflexvit_base_patch16_gap": 224, "nasnetalarge": 299, "pnasnet5large": 299,
         "qwen3_vit_88m": 224, "swin_v2_t": 256}  # Else timm's own, or 224.
OPSETS = """alexnet resnet18 densenet121 mobilenet_v3_small shufflenet_v2_x0_5 convnext_tiny vit_b_16
    swin_t coat_lite_tiny efficientformer_l1 mobilevit_xxs xcit_nano_12_p16_224""".split()
FIVE_AXES = "hiera", "nest", "twins", "vision_transformer_sam"  # Attention that dynamo cannot write as one step.
NEWEST = 25  # The highest opset that dynamo's networks can be converted to by PyTorch's own tools.


def make(name):
    """The named network, ready for inference, and two images for it."""
    import timm
    import torch
    import torchvision

    torch.manual_seed(0)
    options = {"num_classes": 1000, **OPTIONS.get(name, {})}
    create = torchvision.models.get_model if name in TORCHVISION else timm.create_model
    model = create(name, **options).eval()
    usual = getattr(model, "default_cfg", {}).get("input_size", (3, 224, 224))[-1]
    size = SIZES.get(name, usual)
    with torch.no_grad():
        enliven(model)
        measure_statistics(model, size)
        images = noise(2, size)
        logits = model(images)
    spread, apart = logits.std(1).min(), (logits[0] - logits[1]).std()
    assert 0.05 < spread < 1e3 and apart > 0.05 * spread, f"{name} is dull: {spread}, {apart}"
    return model, images


def families():
    """The module that defines each network, of torchvision and of timm.

    Fails when a module that defines networks has none here.
    """
    import timm
    from torchvision import models

    found = []
    for names, all_names, builder in (
            (TORCHVISION, models.list_models(models), models.get_model_builder),
            (TIMM, timm.list_models(), timm.model_entrypoint)):
        family = {name: builder(name).__module__.split(".")[-1] for name in names}
        missing = {builder(name).__module__.split(".")[-1] for name in all_names}
        missing -= set(family.values())
        assert not missing, f"zoo.py names no network of {', '.join(sorted(missing))}"
        found.append(family)
    return found


def noise(count, size):
    """Images with structure in the large, where white noise would look alike to every network."""
    import torch
    from torch.nn import functional

    smooth = functional.interpolate(torch.randn(count, 3, 7, 7), size=(size, size), mode="bicubic")
    return smooth + torch.randn(count, 3, 1, 1) / 2 + torch.randn(count, 3, size, size) / 4


def enliven(model):
    import torch
    from torch import nn

    gains = {nn.Linear: 1, nn.Conv2d: 2}
    for module in model.modules():
        for name, values in module.named_parameters(recurse=False):
            first = values.flatten()[0].item()
            if (values != first).any():
                if name == "weight" and type(module) in gains:  # At least as wide as usual.
                    usual = (gains[type(module)] / values[0].numel()) ** 0.5
                    values *= (usual / values.std()).clamp(min=1)
            elif first == 0 and values.numel() > 1:
                values.normal_(0, 0.1)
            elif abs(first) < 0.01:
                values.uniform_(0.1, 1)
            else:
                values *= 1 + 0.1 * torch.randn_like(values)


def measure_statistics(model, size):
    """Gives the batch norms the mean statistics of three batches, all else as in inference."""
    from torch import nn

    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.train().momentum = None  # The mean of all batches.
    for _ in range(3 if norms else 0):
        model(noise(4, size))
    for norm, momentum in zip(norms, momenta):
        norm.eval().momentum = momentum


def gradient(model, images, weights):
    """PyTorch's gradient of the weighted sum of the logits by the images."""
    import torch

    images = images.clone().requires_grad_()
    return torch.autograd.grad((model(images) * weights).sum(), images)[0]


def export(model, images, path, exporter="legacy", opset=17, dynamic=True):
    """Writes the network by one of PyTorch's two exporters, for any batch or for this one only."""
    import torch

    for module in model.modules():
        if hasattr(module, "fused_attn"):  # Where an exporter fails on it, in plain steps.
            older = opset < 14 or type(module).__name__ == "EvaAttention"
            newer = type(module).__module__.split(".")[-1] in FIVE_AXES
            module.fused_attn = not (newer if exporter == "dynamo" else older)
    if exporter == "legacy":
        how = {"dynamic_axes": {"image": {0: "n"}, "logits": {0: "n"}} if dynamic else None}
    else:
        how = {"dynamic_shapes": ({0: torch.export.Dim("n")},) if dynamic else None,
               "external_data": False, "verbose": False}
    # Gradients decide how attention is traced, and each exporter fails on the other way.
    with (torch.set_grad_enabled(exporter == "legacy"), warnings.catch_warnings(),
          contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO())):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (images,), str(path), input_names=["image"], output_names=["logits"],
            opset_version=opset, dynamo=exporter == "dynamo", **how)


TENSORFLOW_STYLE = """<ir_version: 8, opset_import: ["": 15]>
    network (float[n, 65, 65, 3] image, float[16, 3, 3, 3] stem, float[16] stem_bias,
             float[16, 1, 3, 3] depthwise, float[16] scale, float[16] shift, float[10] head_bias,
             float[32, 16, 4, 4] wide, float[32] wide_bias, float[32, 10] head
    ) => (float[n, 10] logits) {
        a = Transpose <perm = [0, 3, 1, 2]> (image)
        b = Conv <auto_pad = "SAME_UPPER", strides = [2, 2]> (a, stem, stem_bias)
        zero = Constant <value_float = 0.0> ()
        six = Constant <value_float = 6.0> ()
        c = Clip (b, zero, six)
        d = Conv <auto_pad = "SAME_UPPER", strides = [2, 2], group = 16> (c, depthwise)
        e = Transpose <perm = [0, 2, 3, 1]> (d)
        f = Mul (e, scale)
        g = Add (f, shift)
        h = Transpose <perm = [0, 3, 1, 2]> (g)
        i = Conv <auto_pad = "SAME_LOWER", strides = [2, 2]> (h, wide, wide_bias)
        pads = Constant <value_ints = [0, 0, 1, 0, 0, 0, 0, 1]> ()
        j = Pad (i, pads)
        k = MaxPool <auto_pad = "SAME_UPPER", kernel_shape = [3, 3], strides = [2, 2]> (j)
        l = AveragePool <auto_pad = "SAME_UPPER", kernel_shape = [2, 2], strides = [2, 2]> (k)
        m = Transpose <perm = [0, 2, 3, 1]> (l)
        o = ReduceMean <axes = [1, 2], keepdims = 0> (m)
        p = MatMul (o, head)
        logits = Add (p, head_bias) }"""


def write_tensorflow_style(_, images, path):
    """As converters write it: channels last, SAME padding, weights that are also graph inputs."""
    import numpy
    import onnx

    random = numpy.random.default_rng(0)
    model = onnx.parser.parse_model(TENSORFLOW_STYLE)
    for entry in model.graph.input[1:]:
        shape = [dimension.dim_value for dimension in entry.type.tensor_type.shape.dim]
        values = random.normal(0, 2 / numpy.prod(shape[1:]) ** 0.5, shape).astype("f4")
        model.graph.initializer.append(onnx.numpy_helper.from_array(values, entry.name))
    onnx.save(model, path)


def write_quantised(model, images, path, signed, by_channel, form="QDQ"):
    """Calibrated on the images: QuantizeLinear and DequantizeLinear around everything, or QOperator."""
    import onnxruntime
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    (export if model else write_tensorflow_style)(model, images, path)
    batches = iter([{"image": images.numpy()}, None])
    logging.disable(logging.WARNING)
    onnxruntime.set_default_logger_severity(4)
    quantize_static(
        path, path, types.SimpleNamespace(get_next=batches.__next__), per_channel=by_channel,
        quant_format=QuantFormat[form], activation_type=QuantType.QInt8 if signed else QuantType.QUInt8)


def write_dynamic(model, images, path):
    """Quantised while it runs, by the range of each batch: exported for the images' batch alone."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    export(model, images, path, dynamic=False)
    logging.disable(logging.WARNING)
    quantize_dynamic(path, path, weight_type=QuantType.QUInt8)


def write_optimised(model, images, path):
    """As ONNX Runtime saves it after the optimisations that do not depend on the processor."""
    import onnxruntime

    export(model, images, path)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def write_halved(model, images, path, whole):
    """The network in half precision, or just its weights, cast to Float32 where they are used."""
    import onnx
    from onnxruntime.transformers import float16

    export(model, images, path)
    file = onnx.load(path)
    if whole:
        file = float16.convert_float_to_float16(file, keep_io_types=True)
    for tensor in [] if whole else file.graph.initializer:
        values, name = onnx.numpy_helper.to_array(tensor), tensor.name
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype("f2"), name + ".half"))
        file.graph.node.insert(0, onnx.helper.make_node(
            "Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    onnx.save(file, path)


def others():
    """Rows that PyTorch does not export: how to make network and images, and how to write a file."""
    def channels_last():
        return None, noise(2, 65).permute(0, 2, 3, 1).contiguous()

    rows = {"channels last": (channels_last, write_tensorflow_style)}
    for name, *how in itertools.product([*rows, "resnet18", "mobilenet_v2"], (0, 1), (0, 1)):
        row = f"{name}, QDQ, {('uint8', 'int8')[how[0]]}, {('tensor', 'channel')[how[1]]} scales"
        prepare = functools.partial(make, name) if name not in rows else channels_last
        rows[row] = prepare, lambda *to, how=how: write_quantised(*to, *how)
    for name, signed in itertools.product(("resnet18", "mobilenet_v2"), (0, 1)):
        row = f"{name}, QOperator, {('uint8', 'int8')[signed]}, channel scales"
        rows[row] = functools.partial(make, name), functools.partial(
            write_quantised, signed=signed, by_channel=True, form="QOperator")
    for name, kind, write in (
            ("resnet18", "dynamic, uint8", write_dynamic),
            ("deit_tiny_patch16_224", "dynamic, uint8", write_dynamic),
            ("mobilenet_v3_small", "optimised by ONNX Runtime", write_optimised),
            ("deit_tiny_patch16_224", "optimised by ONNX Runtime", write_optimised)):
        rows[f"{name}, {kind}"] = functools.partial(make, name), write
    for whole, kind in ((False, "float16 weights"), (True, "all float16")):
        rows[f"resnet18, {kind}"] = (
            lambda: make("resnet18"), lambda *to, whole=whole: write_halved(*to, whole))
    return rows

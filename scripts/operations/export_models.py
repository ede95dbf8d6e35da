"""Exports published networks of torchvision and timm as .pt2 into a folder, without values where that is possible; says which cannot be exported.

    pip install torch torchvision timm
    python scripts/operations/export_models.py FOLDER
    npm run operations:count -- FOLDER
"""
import os
import sys
import warnings

import timm
import torch
import torchvision

warnings.filterwarnings('ignore')

TIMM = """
dla34 ese_vovnet19b_dw ghostnet_100 hrnet_w18 inception_v4 mobilenetv1_100 mobilenetv2_100 mobilenetv3_large_100 tf_efficientnet_lite0 xception71 regnety_008
resnet50d repvgg_a2 selecsls42b hardcorenas_a semnasnet_100 spnasnet_100 fbnetc_100 tinynet_a convnext_tiny nf_resnet50 resnest14d res2net50_26w_4s cspdarknet53
darknet53 efficientnet_b0 mnasnet_100 rexnet_100 levit_128 visformer_small mixer_b16_224 vit_tiny_patch16_224 deit_tiny_patch16_224 swin_tiny_patch4_window7_224
gmlp_s16_224 coat_tiny pit_ti_224 tnt_s_patch16_224 crossvit_9_240 twins_pcpvt_small poolformer_s12 maxvit_tiny_tf_224 edgenext_xx_small efficientformer_l1
mobilevit_xxs fastvit_t8 repghostnet_100 mobileone_s0 convmixer_768_32 skresnet18 seresnet18 legacy_senet154 dpn68 gcresnet33ts lambda_resnet26t botnet26t_256
halonet26t
""".split()


def of_torchvision(name):
    options = {'init_weights': False, 'aux_logits': False} if name in ('googlenet', 'inception_v3') else {}
    return torchvision.models.get_model(name, weights=None, **options), (3, 299, 299) if name == 'inception_v3' else (3, 224, 224)


def of_timm(name):
    model = timm.create_model(name, pretrained=False)
    return model, model.default_cfg['input_size']


def program(make, name, device):
    model, shape = make(name)
    example = torch.randn(2, *shape, device=device)
    batch = torch.export.Dim('batch', min=2)
    return torch.export.export(model.to(device).train(), (example,), dynamic_shapes=({0: batch},))


def main(folder):
    classifiers = [name for name in torchvision.models.list_models(module=torchvision.models) if name != 'regnet_y_128gf']
    for library, make, names in (('torchvision', of_torchvision, classifiers), ('timm', of_timm, TIMM)):
        os.makedirs(f'{folder}/{library}', exist_ok=True)
        for name in names:
            path = f'{folder}/{library}/{name}.pt2'
            if os.path.exists(path):
                continue
            try:
                try:
                    exported = program(make, name, 'meta')
                except Exception:
                    exported = program(make, name, 'cpu')
                torch.export.save(exported, path)
            except Exception as problem:
                print(f'{library}/{name} cannot be exported: {type(problem).__name__}', flush=True)


if __name__ == '__main__':
    main(sys.argv[1])

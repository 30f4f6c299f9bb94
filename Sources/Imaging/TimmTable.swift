// Made by scripts/timm_configurations.py from timm 1.0.31; do not edit.

/// timm's own preprocessing by name and tag of the weights.
enum TimmTable {
  /// The version of timm that it was read from.
  static let version = "1.0.31"

  /// Input side, filter, crop fraction, crop mode, mean and deviation, and `any` where other sizes are taken; then the names
  /// with their tags. A star stands before the tag that a name without one means.
  static let text = """
    224 bicubic 0.875 center 0.485,0.456,0.406 0.229,0.224,0.225 any: convnext_atto.{*d2_in1k} \
    convnext_atto_ols.{*a2_in1k} convnext_atto_rms.{*untrained} convnext_base.{*fb_in22k_ft_in1k,fb_in1k,fb_in22k} \
    convnext_femto.{*d1_in1k} convnext_femto_ols.{*d1_in1k} convnext_large.{*fb_in22k_ft_in1k,fb_in1k,fb_in22k} \
    convnext_pico.{*d1_in1k} convnext_small.{fb_in22k_ft_in1k,fb_in1k,fb_in22k} \
    convnext_tiny.{fb_in22k_ft_in1k,fb_in1k,fb_in22k} convnext_xlarge.{*fb_in22k_ft_in1k,fb_in22k} \
    convnextv2_atto.{*fcmae_ft_in1k,fcmae} convnextv2_base.{*fcmae_ft_in22k_in1k,fcmae_ft_in1k,fcmae} \
    convnextv2_femto.{*fcmae_ft_in1k,fcmae} convnextv2_huge.{fcmae_ft_in1k,fcmae} \
    convnextv2_large.{*fcmae_ft_in22k_in1k,fcmae_ft_in1k,fcmae} \
    convnextv2_nano.{*fcmae_ft_in22k_in1k,fcmae_ft_in1k,fcmae} convnextv2_pico.{*fcmae_ft_in1k,fcmae} \
    convnextv2_small.{*untrained} convnextv2_tiny.{*fcmae_ft_in22k_in1k,fcmae_ft_in1k,fcmae} resnet18.{gluon_in1k} \
    resnet26.{*bt_in1k} resnet34.{bt_in1k,gluon_in1k} resnet50.{ram_in1k,am_in1k,ra_in1k,bt_in1k,gluon_in1k} \
    resnet101.{gluon_in1k} resnet152.{gluon_in1k} resnet200.{*untrained}
    384 bicubic 1.0 squash 0.485,0.456,0.406 0.229,0.224,0.225 any: convnext_base.{fb_in22k_ft_in1k_384} \
    convnext_large.{fb_in22k_ft_in1k_384} convnext_small.{in12k_ft_in1k_384,fb_in22k_ft_in1k_384} \
    convnext_tiny.{in12k_ft_in1k_384,fb_in22k_ft_in1k_384} convnext_xlarge.{fb_in22k_ft_in1k_384} \
    convnextv2_base.{fcmae_ft_in22k_in1k_384} convnextv2_huge.{*fcmae_ft_in22k_in1k_384} \
    convnextv2_large.{fcmae_ft_in22k_in1k_384} convnextv2_nano.{fcmae_ft_in22k_in1k_384} \
    convnextv2_tiny.{fcmae_ft_in22k_in1k_384}
    256 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711 any: \
    convnext_base.{clip_laion2b_augreg_ft_in12k_in1k,clip_laion2b_augreg_ft_in1k,clip_laion2b_augreg_ft_in12k,clip_laion2b,clip_laion2b_augreg,clip_laiona} \
    convnext_large_mlp.{clip_laion2b_augreg_ft_in1k,clip_laion2b_augreg} \
    convnext_xxlarge.{*clip_laion2b_soup_ft_in1k,clip_laion2b_soup_ft_in12k,clip_laion2b_soup,clip_laion2b_rewind}
    384 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711 any: \
    convnext_base.{clip_laion2b_augreg_ft_in12k_in1k_384} \
    convnext_large_mlp.{clip_laion2b_soup_ft_in12k_in1k_384,clip_laion2b_augreg_ft_in1k_384,clip_laion2b_augreg_ft_in12k_384,clip_laion2b_soup_ft_in12k_384}
    384 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711 any: \
    convnext_base.{clip_laiona_augreg_ft_in1k_384}
    320 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711 any: \
    convnext_base.{clip_laiona_320,clip_laiona_augreg_320} \
    convnext_large_mlp.{*clip_laion2b_soup_ft_in12k_in1k_320,clip_laion2b_soup_ft_in12k_320,clip_laion2b_ft_320,clip_laion2b_ft_soup_320}
    224 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225 any: convnext_base.{dinov3_lvd1689m} \
    convnext_large.{dinov3_lvd1689m} convnext_small.{dinov3_lvd1689m} convnext_tiny.{dinov3_lvd1689m} \
    resnet50.{bamboo}
    256 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225 any: convnext_base.{eupe_lvd1689m} \
    convnext_small.{eupe_lvd1689m} convnext_tiny.{eupe_lvd1689m}
    224 bicubic 0.95 center 0.485,0.456,0.406 0.229,0.224,0.225 any: convnext_nano.{*in12k_ft_in1k,d1h_in1k,in12k} \
    convnext_nano_ols.{*d1h_in1k} convnext_pico_ols.{*d1_in1k} convnext_small.{*in12k_ft_in1k,in12k} \
    convnext_tiny.{*in12k_ft_in1k,in12k} convnext_tiny_hnf.{*a2h_in1k} resnet18.{*a1_in1k,a2_in1k} \
    resnet34.{*a1_in1k,a2_in1k} resnet50.{*a1_in1k,a2_in1k,b1k_in1k,b2k_in1k,c1_in1k,c2_in1k,d_in1k} \
    resnet101.{*a1h_in1k,a1_in1k,a2_in1k} resnet152.{*a1h_in1k,a1_in1k,a2_in1k}
    384 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225 any: \
    convnext_nano.{r384_in12k_ft_in1k,r384_in12k,r384_ad_in12k}
    224 bicubic 0.875 center 0.5 0.5 any: convnext_zepto_rms.{*ra4_e3600_r224_in1k}
    224 bicubic 0.9 center 0.5 0.5 any: convnext_zepto_rms_ols.{*ra4_e3600_r224_in1k} resnet34.{ra4_e3600_r224_in1k}
    512 bicubic 1.0 squash 0.485,0.456,0.406 0.229,0.224,0.225 any: convnextv2_huge.{fcmae_ft_in22k_in1k_512}
    224 bicubic 0.9 center 0.485,0.456,0.406 0.229,0.224,0.225: deit3_base_patch16_224.{*fb_in1k} \
    deit3_huge_patch14_224.{*fb_in1k} deit3_large_patch16_224.{*fb_in1k} deit3_medium_patch16_224.{*fb_in1k} \
    deit3_small_patch16_224.{*fb_in1k} deit_base_distilled_patch16_224.{*fb_in1k} deit_base_patch16_224.{*fb_in1k} \
    deit_small_distilled_patch16_224.{*fb_in1k} deit_small_patch16_224.{*fb_in1k} \
    deit_tiny_distilled_patch16_224.{*fb_in1k} deit_tiny_patch16_224.{*fb_in1k} \
    swin_base_patch4_window7_224.{*ms_in22k_ft_in1k,ms_in1k,ms_in22k} \
    swin_large_patch4_window7_224.{*ms_in22k_ft_in1k,ms_in22k} swin_s3_base_224.{*ms_in1k} \
    swin_s3_small_224.{*ms_in1k} swin_s3_tiny_224.{*ms_in1k} \
    swin_small_patch4_window7_224.{*ms_in22k_ft_in1k,ms_in1k,ms_in22k} \
    swin_tiny_patch4_window7_224.{*ms_in1k,ms_in22k_ft_in1k,ms_in22k} vit_base_patch16_224.{dino,mae} \
    vit_base_patch8_224.{dino} vit_giant_patch16_gap_224.{*in22k_ijepa} vit_huge_patch14_224.{mae} \
    vit_huge_patch14_gap_224.{*in1k_ijepa,in22k_ijepa} vit_large_patch16_224.{mae} vit_small_patch16_224.{dino} \
    vit_small_patch8_224.{*dino}
    224 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: deit3_base_patch16_224.{fb_in22k_ft_in1k} \
    deit3_huge_patch14_224.{fb_in22k_ft_in1k} deit3_large_patch16_224.{fb_in22k_ft_in1k} \
    deit3_medium_patch16_224.{fb_in22k_ft_in1k} deit3_small_patch16_224.{fb_in22k_ft_in1k}
    384 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: deit3_base_patch16_384.{*fb_in1k,fb_in22k_ft_in1k} \
    deit3_large_patch16_384.{*fb_in1k,fb_in22k_ft_in1k} deit3_small_patch16_384.{*fb_in1k,fb_in22k_ft_in1k} \
    deit_base_distilled_patch16_384.{*fb_in1k} deit_base_patch16_384.{*fb_in1k} \
    swin_base_patch4_window12_384.{*ms_in22k_ft_in1k,ms_in1k,ms_in22k} \
    swin_large_patch4_window12_384.{*ms_in22k_ft_in1k,ms_in22k}
    224 bicubic 0.9 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    eva02_small_patch14_224.{*mim_in22k} eva02_tiny_patch14_224.{*mim_in22k} eva_giant_patch14_224.{*clip_ft_in1k} \
    eva_giant_patch14_clip_224.{*laion400m,merged2b} \
    vit_base_patch16_clip_224.{openai_ft_in1k,laion2b_ft_in12k,openai_ft_in12k,openai} \
    vit_base_patch16_clip_quickgelu_224.{openai} \
    vit_base_patch32_clip_224.{*laion2b_ft_in12k_in1k,openai_ft_in12k_in1k,laion2b_ft_in1k,openai_ft_in1k,laion2b,laion400m_e32,openai} \
    vit_base_patch32_clip_quickgelu_224.{*laion400m_e32,openai} vit_betwixt_patch32_clip_224.{*tinyclip_laion400m} \
    vit_medium_patch16_clip_224.{*tinyclip_yfcc15m} vit_medium_patch32_clip_224.{*tinyclip_laion400m} \
    vit_xsmall_patch16_clip_224.{*tinyclip_yfcc15m}
    336 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    eva02_small_patch14_336.{*mim_in22k_ft_in1k} eva02_tiny_patch14_336.{*mim_in22k_ft_in1k} \
    vit_large_patch14_clip_336.{openai} vit_large_patch14_clip_quickgelu_336.{*openai}
    336 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    eva_giant_patch14_336.{*clip_ft_in1k} eva_large_patch14_336.{*in22k_ft_in22k_in1k,in22k_ft_in1k} \
    vit_huge_patch14_clip_336.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k} \
    vit_large_patch14_clip_336.{openai_ft_in12k_in1k}
    336 bicubic 1.0 squash 0.485,0.456,0.406 0.229,0.224,0.225: eva_giant_patch14_336.{m30m_ft_in22k_in1k}
    560 bicubic 1.0 squash 0.485,0.456,0.406 0.229,0.224,0.225: eva_giant_patch14_560.{*m30m_ft_in22k_in1k}
    196 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    eva_large_patch14_196.{*in22k_ft_in22k_in1k,in22k_ft_in1k}
    240 bicubic 0.95 center 0.5 0.5: \
    flexivit_base.{*1200ep_in1k,600ep_in1k,300ep_in1k,1000ep_in21k,300ep_in21k,patch16_in21k,patch30_in21k} \
    flexivit_large.{*1200ep_in1k,600ep_in1k,300ep_in1k} flexivit_small.{*1200ep_in1k,600ep_in1k,300ep_in1k} \
    vit_base_patch16_plus_240.{*untrained} vit_medium_patch16_gap_240.{*sw_in12k}
    160 bicubic 0.95 center 0.5 0.5 any: test_convnext.{*r160_in1k} test_convnext2.{*r160_in1k} \
    test_convnext3.{*r160_in1k}
    160 bicubic 0.95 center 0.5 0.5: test_vit.{*r160_in1k} test_vit2.{*r160_in1k}
    256 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: vit_7b_patch16_dinov3.{*lvd1689m} \
    vit_base_patch16_dinov3.{*lvd1689m} vit_base_patch16_dinov3_qkvb.{*lvd1689m,eupe_lvd1689m} \
    vit_huge_plus_patch16_dinov3.{*lvd1689m} vit_huge_plus_patch16_dinov3_qkvb.{*lvd1689m} \
    vit_large_patch16_dinov3.{*lvd1689m} vit_large_patch16_dinov3_qkvb.{*lvd1689m} \
    vit_small_patch16_dinov3.{*lvd1689m} vit_small_patch16_dinov3_qkvb.{*lvd1689m,eupe_lvd1689m} \
    vit_small_plus_patch16_dinov3.{*lvd1689m} vit_small_plus_patch16_dinov3_qkvb.{*lvd1689m} \
    vit_tiny_patch16_dinov3_qkvb.{*eupe_lvd1689m}
    256 bicubic 1.0 center 0.43,0.411,0.296 0.213,0.156,0.143: vit_7b_patch16_dinov3.{sat493m} \
    vit_large_patch16_dinov3.{sat493m} vit_large_patch16_dinov3_qkvb.{sat493m}
    518 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: vit_base_patch14_dinov2.{*lvd142m} \
    vit_base_patch14_reg4_dinov2.{*lvd142m} vit_giant_patch14_dinov2.{*lvd142m} \
    vit_giant_patch14_reg4_dinov2.{*lvd142m} vit_large_patch14_dinov2.{*lvd142m} \
    vit_large_patch14_reg4_dinov2.{*lvd142m} vit_small_patch14_dinov2.{*lvd142m} \
    vit_small_patch14_reg4_dinov2.{*lvd142m}
    448 bicubic 1.0 center 0.0 1.0: vit_base_patch14_reg1_tipsv2.{*webli} vit_giant_patch14_reg1_tipsv2.{*webli} \
    vit_large_patch14_reg1_tipsv2.{*webli} vit_so400m_patch14_reg1_tipsv2.{*webli}
    224 bicubic 0.9 center 0.5 0.5: \
    vit_base_patch16_224.{*augreg2_in21k_ft_in1k,augreg_in21k_ft_in1k,orig_in21k_ft_in1k,augreg_in1k,orig_in21k,augreg_in21k,sam_in1k} \
    vit_base_patch16_gap_224.{*untrained} vit_base_patch16_siglip_224.{*v2_webli,webli} \
    vit_base_patch16_siglip_gap_224.{*v2_webli,webli} \
    vit_base_patch32_224.{*augreg_in21k_ft_in1k,augreg_in1k,orig_in21k,augreg_in21k,sam_in1k} \
    vit_base_patch8_224.{*augreg2_in21k_ft_in1k,augreg_in21k_ft_in1k,augreg_in21k} \
    vit_giant_patch14_224.{*untrained} vit_gigantic_patch14_224.{*untrained} \
    vit_huge_patch14_224.{*orig_in21k,untrained} vit_large_patch14_224.{*untrained} \
    vit_large_patch16_224.{*augreg_in21k_ft_in1k,orig_in21k,augreg_in21k} vit_large_patch32_224.{*orig_in21k} \
    vit_small_patch16_224.{*augreg_in21k_ft_in1k,augreg_in1k,augreg_in21k} vit_small_patch16_36x1_224.{*untrained} \
    vit_small_patch32_224.{*augreg_in21k_ft_in1k,augreg_in21k} vit_so400m_patch14_siglip_224.{*v2_webli,webli} \
    vit_so400m_patch14_siglip_gap_224.{*v2_webli,webli,pali_mix,pali_pt,pali2_3b_pt,pali2_10b_pt} \
    vit_tiny_patch16_224.{*augreg_in21k_ft_in1k,augreg_in21k}
    224 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_224.{bamboo} \
    vit_base_patch16_clip_224.{laion2b_ft_in1k,laion2b,laion400m_e32,datacompxl,dfn2b,metaclip_2pt5b,metaclip_400m} \
    vit_base_patch16_clip_quickgelu_224.{*metaclip_2pt5b,metaclip_400m} \
    vit_base_patch32_clip_224.{datacompxl,metaclip_2pt5b,metaclip_400m} \
    vit_base_patch32_clip_quickgelu_224.{metaclip_2pt5b,metaclip_400m} vit_giant_patch14_clip_224.{*laion2b} \
    vit_gigantic_patch14_clip_224.{*laion2b,metaclip2_worldwide,metaclip_2pt5b} \
    vit_gigantic_patch14_clip_quickgelu_224.{*metaclip_2pt5b} \
    vit_huge_patch14_clip_224.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k,laion2b_ft_in12k,laion2b,dfn5b,metaclip2_worldwide,metaclip_2pt5b,metaclip_altogether} \
    vit_huge_patch14_clip_quickgelu_224.{*dfn5b,metaclip2_worldwide,metaclip_2pt5b} \
    vit_large_patch14_clip_224.{openai_ft_in12k_in1k,openai_ft_in1k,openai_ft_in12k,laion400m_e32,datacompxl,dfn2b_s39b,dfn2b,metaclip_2pt5b,metaclip_400m,openai,apple_mclip2_dfndr2b} \
    vit_large_patch14_clip_quickgelu_224.{*dfn2b,metaclip_2pt5b,metaclip_400m,openai}
    224 bilinear 0.875 center 0.0 1.0: vit_base_patch16_224_miil.{*in21k,in21k_ft_in1k}
    384 bicubic 1.0 center 0.5 0.5: vit_base_patch16_384.{*augreg_in21k_ft_in1k,orig_in21k_ft_in1k,augreg_in1k} \
    vit_base_patch32_384.{*augreg_in21k_ft_in1k,augreg_in1k} \
    vit_betwixt_patch16_reg4_gap_384.{*sbb2_e200_in12k_ft_in1k} vit_large_patch16_384.{*augreg_in21k_ft_in1k} \
    vit_large_patch32_384.{*orig_in21k_ft_in1k} vit_mediumd_patch16_reg4_gap_384.{*sbb2_e200_in12k_ft_in1k} \
    vit_small_patch16_384.{*augreg_in21k_ft_in1k,augreg_in1k} vit_small_patch32_384.{*augreg_in21k_ft_in1k} \
    vit_so150m2_patch16_reg1_gap_384.{*sbb_e200_in12k_ft_in1k} \
    vit_so150m_patch16_reg4_gap_384.{*sbb_e250_in12k_ft_in1k} vit_so400m_patch14_siglip_gap_384.{*webli} \
    vit_tiny_patch16_384.{*augreg_in21k_ft_in1k}
    224 bicubic 0.95 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_224.{*laion2b_ft_in12k_in1k,openai_ft_in12k_in1k}
    384 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_384.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k,openai_ft_in1k}
    384 bicubic 0.95 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_384.{openai_ft_in12k_in1k} vit_base_patch32_clip_384.{openai_ft_in12k_in1k}
    512 bilinear 1.0 squash 0.485,0.456,0.406 0.229,0.224,0.225: vit_base_patch16_lingbot.{*robbyant} \
    vit_giant_patch16_lingbot.{*robbyant} vit_large_patch16_lingbot.{*robbyant} \
    vit_small_patch16_lingbot.{*robbyant}
    240 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_plus_clip_240.{*laion400m_e32}
    512 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_radio_v3.{*c_radio} vit_giant_patch16_radio_v3.{*c_radio} vit_huge_patch16_radio_v3.{*c_radio} \
    vit_huge_patch16_radio_v4.{*c_radio} vit_large_patch16_radio_v3.{*c_radio} \
    vit_so400m_patch16_radio_v4.{*c_radio}
    256 bicubic 0.9 center 0.5 0.5: vit_base_patch16_reg4_gap_256.{*untrained} \
    vit_base_patch16_siglip_256.{*v2_webli,webli,webli_i18n} \
    vit_base_patch16_siglip_gap_256.{*v2_webli,webli,webli_i18n} vit_base_patch32_siglip_256.{*v2_webli} \
    vit_base_patch32_siglip_gap_256.{*v2_webli} vit_giantopt_patch16_siglip_256.{*v2_webli} \
    vit_giantopt_patch16_siglip_gap_256.{*v2_webli} vit_large_patch16_siglip_256.{*v2_webli,webli} \
    vit_large_patch16_siglip_gap_256.{*v2_webli,webli} vit_so150m_patch16_reg4_map_256.{*untrained} \
    vit_so400m_patch16_siglip_256.{*v2_webli,webli_i18n} vit_so400m_patch16_siglip_gap_256.{*v2_webli,webli_i18n}
    256 bicubic 0.95 center 0.5 0.5: vit_base_patch16_rope_reg1_gap_256.{*sbb_in1k} \
    vit_base_patch32_plus_256.{*untrained} vit_betwixt_patch16_gap_256.{*untrained} \
    vit_betwixt_patch16_reg1_gap_256.{*sbb_in1k} \
    vit_betwixt_patch16_reg4_gap_256.{*sbb2_e200_in12k_ft_in1k,sbb_in12k_ft_in1k,sbb_in1k,sbb2_e200_in12k,sbb_in12k} \
    vit_little_patch16_reg1_gap_256.{*sbb_in12k_ft_in1k,sbb_in12k} vit_little_patch16_reg4_gap_256.{*sbb_in1k} \
    vit_medium_patch16_gap_256.{*sw_in12k_ft_in1k} vit_medium_patch16_reg1_gap_256.{*sbb_in1k} \
    vit_medium_patch16_reg4_gap_256.{*sbb_in12k_ft_in1k,sbb_in1k,sbb_in12k} \
    vit_medium_patch16_rope_reg1_gap_256.{*sbb_in1k} \
    vit_mediumd_patch16_reg4_gap_256.{*sbb2_e200_in12k_ft_in1k,sbb_in12k_ft_in1k,sbb2_e200_in12k,sbb_in12k} \
    vit_mediumd_patch16_rope_reg1_gap_256.{*sbb_in1k} \
    vit_so150m_patch16_reg4_gap_256.{*sbb_e250_in12k_ft_in1k,sbb_e250_in12k} \
    vit_wee_patch16_reg1_gap_256.{*sbb_in1k}
    384 bicubic 0.9 center 0.5 0.5: vit_base_patch16_siglip_384.{*v2_webli,webli} \
    vit_base_patch16_siglip_gap_384.{*v2_webli,webli} vit_giantopt_patch16_siglip_384.{*v2_webli} \
    vit_giantopt_patch16_siglip_gap_384.{*v2_webli} vit_large_patch16_siglip_384.{*v2_webli,webli} \
    vit_large_patch16_siglip_gap_384.{*v2_webli,webli} vit_so400m_patch14_siglip_384.{*webli} \
    vit_so400m_patch16_siglip_384.{*v2_webli} vit_so400m_patch16_siglip_gap_384.{*v2_webli}
    512 bicubic 0.9 center 0.5 0.5: vit_base_patch16_siglip_512.{*v2_webli,webli} \
    vit_base_patch16_siglip_gap_512.{*v2_webli,webli} vit_large_patch16_siglip_512.{*v2_webli} \
    vit_large_patch16_siglip_gap_512.{*v2_webli} vit_so400m_patch16_siglip_512.{*v2_webli} \
    vit_so400m_patch16_siglip_gap_512.{*v2_webli}
    256 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch32_clip_256.{*datacompxl}
    384 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch32_clip_384.{*laion2b_ft_in12k_in1k}
    448 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch32_clip_448.{*laion2b_ft_in12k_in1k}
    256 bicubic 0.95 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_betwixt_patch16_rope_reg4_gap_256.{*sbb_in1k}
    378 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_gigantic_patch14_clip_378.{*metaclip2_worldwide} vit_huge_patch14_clip_378.{metaclip2_worldwide}
    378 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_huge_patch14_clip_378.{*dfn5b} vit_huge_patch14_clip_quickgelu_378.{*dfn5b}
    448 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: vit_huge_patch16_gap_448.{*in1k_ijepa} \
    vit_intern300m_patch14_448.{*ogvl_dist,ogvl_2pt5}
    224 bicubic 1.0 center 0.5 0.5: \
    vit_large_patch14_clip_224.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k,laion2b_ft_in12k,laion2b}
    336 bicubic 1.0 squash 0.5 0.5: vit_large_patch14_clip_336.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k}
    384 bicubic 0.95 squash 0.5 0.5: vit_medium_patch16_gap_384.{*sw_in12k_ft_in1k}
    256 bicubic 1.0 center 0.5 0.5: vit_so150m2_patch16_reg1_gap_256.{*sbb_e200_in12k_ft_in1k,sbb_e200_in12k}
    448 bicubic 1.0 squash 0.5 0.5: vit_so150m2_patch16_reg1_gap_448.{*sbb_e200_in12k_ft_in1k}
    378 bicubic 0.9 center 0.5 0.5: vit_so400m_patch14_siglip_378.{*v2_webli,webli} \
    vit_so400m_patch14_siglip_gap_378.{*v2_webli}
    378 bicubic 1.0 squash 0.5 0.5: vit_so400m_patch14_siglip_378.{webli_ft_in1k} \
    vit_so400m_patch14_siglip_gap_378.{webli_ft_in1k}
    378 bicubic 1.0 center 0.5 0.5: vit_so400m_patch14_siglip_gap_378.{webli}
    448 bicubic 1.0 center 0.5 0.5: \
    vit_so400m_patch14_siglip_gap_448.{*pali_mix,pali_pt,pali_refcoco_seg,pali_ocrvqa,pali2_3b_pt,pali2_10b_pt,pali2_3b_docci,pali2_10b_docci}
    896 bicubic 1.0 center 0.5 0.5: \
    vit_so400m_patch14_siglip_gap_896.{*pali_pt,pali_refcoco_seg,pali_ocrvqa,pali2_3b_pt,pali2_10b_pt}
    160 bicubic 0.95 center 0.485,0.456,0.406 0.229,0.224,0.225 any: resnet18.{a3_in1k} resnet34.{a3_in1k} \
    resnet50.{a3_in1k} resnet101.{a3_in1k} resnet152.{a3_in1k}
    224 bilinear 0.875 center 0.485,0.456,0.406 0.229,0.224,0.225 any: \
    resnet18.{tv_in1k,fb_ssl_yfcc100m_ft_in1k,fb_swsl_ig1b_ft_in1k} resnet34.{tv_in1k} \
    resnet50.{tv_in1k,fb_ssl_yfcc100m_ft_in1k,fb_swsl_ig1b_ft_in1k} resnet101.{tv_in1k} resnet152.{tv_in1k}
    176 bicubic 0.9 center 0.485,0.456,0.406 0.229,0.224,0.225 any: resnet50.{a1h_in1k}
    176 bilinear 0.875 center 0.485,0.456,0.406 0.229,0.224,0.225 any: resnet50.{tv2_in1k} resnet101.{tv2_in1k} \
    resnet152.{tv2_in1k}
    """

  /// Names of earlier timms, and what they are called now.
  static let earlierNames = """
    convnext_base_384_in22ft1k=convnext_base.fb_in22k_ft_in1k_384 \
    convnext_base_in22ft1k=convnext_base.fb_in22k_ft_in1k convnext_base_in22k=convnext_base.fb_in22k \
    convnext_large_384_in22ft1k=convnext_large.fb_in22k_ft_in1k_384 \
    convnext_large_in22ft1k=convnext_large.fb_in22k_ft_in1k convnext_large_in22k=convnext_large.fb_in22k \
    convnext_small_384_in22ft1k=convnext_small.fb_in22k_ft_in1k_384 \
    convnext_small_in22ft1k=convnext_small.fb_in22k_ft_in1k convnext_small_in22k=convnext_small.fb_in22k \
    convnext_tiny_384_in22ft1k=convnext_tiny.fb_in22k_ft_in1k_384 \
    convnext_tiny_in22ft1k=convnext_tiny.fb_in22k_ft_in1k convnext_tiny_in22k=convnext_tiny.fb_in22k \
    convnext_xlarge_384_in22ft1k=convnext_xlarge.fb_in22k_ft_in1k_384 \
    convnext_xlarge_in22ft1k=convnext_xlarge.fb_in22k_ft_in1k convnext_xlarge_in22k=convnext_xlarge.fb_in22k \
    deit3_base_patch16_224_in21ft1k=deit3_base_patch16_224.fb_in22k_ft_in1k \
    deit3_base_patch16_384_in21ft1k=deit3_base_patch16_384.fb_in22k_ft_in1k \
    deit3_huge_patch14_224_in21ft1k=deit3_huge_patch14_224.fb_in22k_ft_in1k \
    deit3_large_patch16_224_in21ft1k=deit3_large_patch16_224.fb_in22k_ft_in1k \
    deit3_large_patch16_384_in21ft1k=deit3_large_patch16_384.fb_in22k_ft_in1k \
    deit3_medium_patch16_224_in21ft1k=deit3_medium_patch16_224.fb_in22k_ft_in1k \
    deit3_small_patch16_224_in21ft1k=deit3_small_patch16_224.fb_in22k_ft_in1k \
    deit3_small_patch16_384_in21ft1k=deit3_small_patch16_384.fb_in22k_ft_in1k \
    swin_base_patch4_window12_384_in22k=swin_base_patch4_window12_384.ms_in22k \
    swin_base_patch4_window7_224_in22k=swin_base_patch4_window7_224.ms_in22k \
    swin_large_patch4_window12_384_in22k=swin_large_patch4_window12_384.ms_in22k \
    swin_large_patch4_window7_224_in22k=swin_large_patch4_window7_224.ms_in22k \
    vit_base_patch16_224_dino=vit_base_patch16_224.dino vit_base_patch16_224_in21k=vit_base_patch16_224.augreg_in21k \
    vit_base_patch16_224_miil_in21k=vit_base_patch16_224_miil.in21k \
    vit_base_patch32_224_in21k=vit_base_patch32_224.augreg_in21k vit_base_patch8_224_dino=vit_base_patch8_224.dino \
    vit_base_patch8_224_in21k=vit_base_patch8_224.augreg_in21k \
    vit_huge_patch14_224_in21k=vit_huge_patch14_224.orig_in21k \
    vit_large_patch16_224_in21k=vit_large_patch16_224.augreg_in21k \
    vit_large_patch32_224_in21k=vit_large_patch32_224.orig_in21k \
    vit_small_patch16_224_dino=vit_small_patch16_224.dino \
    vit_small_patch16_224_in21k=vit_small_patch16_224.augreg_in21k \
    vit_small_patch32_224_in21k=vit_small_patch32_224.augreg_in21k \
    vit_small_patch8_224_dino=vit_small_patch8_224.dino vit_tiny_patch16_224_in21k=vit_tiny_patch16_224.augreg_in21k
    """
}

// Made by scripts/timm_configurations.py from timm 1.0.31; do not edit.

/// timm's own preprocessing by name and tag of the weights.
enum TimmTable {
  /// The version of timm that it was read from.
  static let version = "1.0.31"

  /// Input side, filter, crop fraction, crop mode, mean and deviation; then the names with their tags. A star stands
  /// before the tag that a name without one means.
  static let text = """
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
    240 bicubic 0.95 center 0.5 0.5: \
    flexivit_base.{*1200ep_in1k,600ep_in1k,300ep_in1k,1000ep_in21k,300ep_in21k,patch16_in21k,patch30_in21k} \
    flexivit_large.{*1200ep_in1k,600ep_in1k,300ep_in1k} flexivit_small.{*1200ep_in1k,600ep_in1k,300ep_in1k} \
    vit_base_patch16_plus_240.{*untrained} vit_medium_patch16_gap_240.{*sw_in12k}
    160 bicubic 0.95 center 0.5 0.5: test_vit.{*r160_in1k} test_vit2.{*r160_in1k}
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
    224 bicubic 0.9 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_224.{openai_ft_in1k,laion2b_ft_in12k,openai_ft_in12k,openai} \
    vit_base_patch16_clip_quickgelu_224.{openai} \
    vit_base_patch32_clip_224.{*laion2b_ft_in12k_in1k,openai_ft_in12k_in1k,laion2b_ft_in1k,openai_ft_in1k,laion2b,laion400m_e32,openai} \
    vit_base_patch32_clip_quickgelu_224.{*laion400m_e32,openai} vit_betwixt_patch32_clip_224.{*tinyclip_laion400m} \
    vit_medium_patch16_clip_224.{*tinyclip_yfcc15m} vit_medium_patch32_clip_224.{*tinyclip_laion400m} \
    vit_xsmall_patch16_clip_224.{*tinyclip_yfcc15m}
    384 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_384.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k,openai_ft_in1k}
    384 bicubic 0.95 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_clip_384.{openai_ft_in12k_in1k} vit_base_patch32_clip_384.{openai_ft_in12k_in1k}
    240 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_base_patch16_plus_clip_240.{*laion400m_e32}
    256 bicubic 0.9 center 0.5 0.5: vit_base_patch16_reg4_gap_256.{*untrained} \
    vit_base_patch16_siglip_256.{*v2_webli,webli,webli_i18n} \
    vit_base_patch16_siglip_gap_256.{*v2_webli,webli,webli_i18n} vit_base_patch32_siglip_256.{*v2_webli} \
    vit_base_patch32_siglip_gap_256.{*v2_webli} vit_giantopt_patch16_siglip_256.{*v2_webli} \
    vit_giantopt_patch16_siglip_gap_256.{*v2_webli} vit_large_patch16_siglip_256.{*v2_webli,webli} \
    vit_large_patch16_siglip_gap_256.{*v2_webli,webli} vit_so150m_patch16_reg4_map_256.{*untrained} \
    vit_so400m_patch16_siglip_256.{*v2_webli,webli_i18n} vit_so400m_patch16_siglip_gap_256.{*v2_webli,webli_i18n}
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
    256 bicubic 0.95 center 0.5 0.5: vit_base_patch32_plus_256.{*untrained} vit_betwixt_patch16_gap_256.{*untrained} \
    vit_betwixt_patch16_reg1_gap_256.{*sbb_in1k} \
    vit_betwixt_patch16_reg4_gap_256.{*sbb2_e200_in12k_ft_in1k,sbb_in12k_ft_in1k,sbb_in1k,sbb2_e200_in12k,sbb_in12k} \
    vit_little_patch16_reg1_gap_256.{*sbb_in12k_ft_in1k,sbb_in12k} vit_little_patch16_reg4_gap_256.{*sbb_in1k} \
    vit_medium_patch16_gap_256.{*sw_in12k_ft_in1k} vit_medium_patch16_reg1_gap_256.{*sbb_in1k} \
    vit_medium_patch16_reg4_gap_256.{*sbb_in12k_ft_in1k,sbb_in1k,sbb_in12k} \
    vit_mediumd_patch16_reg4_gap_256.{*sbb2_e200_in12k_ft_in1k,sbb_in12k_ft_in1k,sbb2_e200_in12k,sbb_in12k} \
    vit_so150m_patch16_reg4_gap_256.{*sbb_e250_in12k_ft_in1k,sbb_e250_in12k} \
    vit_wee_patch16_reg1_gap_256.{*sbb_in1k}
    378 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_gigantic_patch14_clip_378.{*metaclip2_worldwide} vit_huge_patch14_clip_378.{metaclip2_worldwide}
    336 bicubic 1.0 squash 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_huge_patch14_clip_336.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k} \
    vit_large_patch14_clip_336.{openai_ft_in12k_in1k}
    378 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_huge_patch14_clip_378.{*dfn5b} vit_huge_patch14_clip_quickgelu_378.{*dfn5b}
    448 bicubic 1.0 center 0.485,0.456,0.406 0.229,0.224,0.225: vit_huge_patch16_gap_448.{*in1k_ijepa}
    224 bicubic 1.0 center 0.5 0.5: \
    vit_large_patch14_clip_224.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k,laion2b_ft_in12k,laion2b}
    336 bicubic 1.0 squash 0.5 0.5: vit_large_patch14_clip_336.{*laion2b_ft_in12k_in1k,laion2b_ft_in1k}
    336 bicubic 1.0 center 0.48145466,0.4578275,0.40821073 0.26862954,0.26130258,0.27577711: \
    vit_large_patch14_clip_336.{openai} vit_large_patch14_clip_quickgelu_336.{*openai}
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
    """

  /// Names of earlier timms, and what they are called now.
  static let earlierNames = """
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

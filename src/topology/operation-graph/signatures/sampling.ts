/** Changes of resolution. */
export const sampling = `
  upsample_nearest1d(input, output_size, scale_factors=None, scales=None)
  upsample_nearest2d(input, output_size, scale_factors=None, scales_h=None, scales_w=None)
  upsample_nearest3d(input, output_size, scale_factors=None, scales_d=None, scales_h=None, scales_w=None)
  _upsample_nearest_exact1d(input, output_size, scale_factors=None, scales=None)
  _upsample_nearest_exact2d(input, output_size, scale_factors=None, scales_h=None, scales_w=None)
  _upsample_nearest_exact3d(input, output_size, scale_factors=None, scales_d=None, scales_h=None, scales_w=None)
  upsample_linear1d(input, output_size, align_corners, scale_factors=None, scales=None)
  upsample_bilinear2d(input, output_size, align_corners, scale_factors=None, scales_h=None, scales_w=None)
  upsample_trilinear3d(input, output_size, align_corners, scale_factors=None, scales_d=None, scales_h=None, scales_w=None)
  upsample_bicubic2d(input, output_size, align_corners, scale_factors=None, scales_h=None, scales_w=None)
  grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)
  grid_sampler_2d(input, grid, interpolation_mode, padding_mode, align_corners)
  affine_grid_generator(theta, size, align_corners)
`;

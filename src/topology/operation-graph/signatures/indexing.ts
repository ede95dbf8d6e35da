/** Look-ups. */
export const indexing = `
  embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False)
  embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None)
  _embedding_bag(weight, indices, offsets, scale_grad_by_freq=False, mode=0, sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=-1)
  gather(self, dim, index, sparse_grad=False)
  index_select(self, dim, index)
  index(self, indices)
  take_along_dim(self, indices, dim=None)
  one_hot(self, num_classes=-1)
`;

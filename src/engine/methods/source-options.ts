/** The option of methods that take weights from another network. */
import { Type } from 'typebox';

/** How layers are assigned to those of the source (topology/growth/match-layers.ts). */
export const layerMatching = Type.Enum(['auto', 'names', 'order'], {
  default: 'auto',
  description:
    'How layers correspond to those of the source: by name, by order within their class, or by order only where the names are automatic.',
});

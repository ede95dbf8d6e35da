/** Which formats a job publishes, and the forms of its network that they carry. */
import { type ArtifactContent, type ArtifactFormatName, artifactFormat } from '../artifacts/index.ts';
import type { JobSpec } from '../contract/job-spec.ts';
import type { ConfiguredMethod } from '../engine/methods/index.ts';
import { AppError } from '../errors.ts';
import type { ParsedModel } from '../models/index.ts';
import { toKerasForm } from '../models/to-keras.ts';
import { tfjsWeightNames, toTfjsLayersJson, writeFunctional } from '../models/to-tfjs-layers.ts';
import { graphOf } from '../topology/operation-graph/build.ts';
import type { Topology } from '../topology/topology.ts';

/** What a job publishes that does not say: the second where the network can be written so. */
const defaultFormats = ['safetensors', 'tfjs-layers'] as const satisfies readonly ArtifactFormatName[];

/** The network that the weights belong to: the posted one, or another that the method made of it. */
export interface FinishedNetwork {
  readonly model: ParsedModel;
  readonly patched: Topology | undefined;
}

export interface ChosenArtifacts {
  readonly formats: readonly ArtifactFormatName[];
  /** Formats of the defaults that this network cannot be written in. */
  readonly left: readonly { readonly format: ArtifactFormatName; readonly reason: string }[];
  readonly forms: Pick<ArtifactContent, 'topologyJson' | 'tfjsNames' | 'keras' | 'state'>;
}

const formsOf = {
  none: () => ({}),
  'tfjs-layers': ({ model, patched }: FinishedNetwork) =>
    patched === undefined
      ? { topologyJson: toTfjsLayersJson(model), tfjsNames: tfjsWeightNames(model.topology) }
      : { topologyJson: writeFunctional(patched), tfjsNames: tfjsWeightNames(patched) },
  keras({ model, patched }: FinishedNetwork) {
    if (patched === undefined) return { keras: toKerasForm(model) };
    throw new AppError(
      'ARTIFACT_UNSUPPORTED',
      'the method changes the network, which the artifact format keras cannot hold; give the method mode: "weights-only", or ask for tfjs-layers',
    );
  },
  'state-dict': ({ model: { topology } }: FinishedNetwork) => ({ state: stateOf(topology) }),
} as const;

/** How the weights of a model with a state_dict are saved. */
function stateOf(topology: Topology): NonNullable<ArtifactContent['state']> {
  if (!graphOf(topology))
    throw new AppError(
      'ARTIFACT_UNSUPPORTED',
      'only models of torch.export have a state_dict; ask for safetensors instead of state-dict',
    );
  const params = topology.layers.flatMap((layer) => layer.params);
  return params.flatMap(({ name, saved }) => (saved ? [{ ...saved, name }] : []));
}

const defaultsOf = ({ model }: FinishedNetwork): readonly ArtifactFormatName[] =>
  graphOf(model.topology) ? ['state-dict'] : defaultFormats;

/**
 * The formats that a job asks for with the forms that they need; of the defaults those that can be written.
 *
 * @throws ARTIFACT_UNSUPPORTED for a format that was asked for, naming the layer
 */
export function chooseArtifacts(wish: JobSpec['artifacts'], network: FinishedNetwork): ChosenArtifacts {
  const formats: ArtifactFormatName[] = [];
  const left: { format: ArtifactFormatName; reason: string }[] = [];
  let forms = {};
  for (const format of wish ?? defaultsOf(network)) {
    try {
      forms = { ...forms, ...formsOf[artifactFormat(format).form](network) };
      formats.push(format);
    } catch (error) {
      if (wish !== undefined || !(error instanceof AppError) || error.code !== 'ARTIFACT_UNSUPPORTED') throw error;
      left.push({ format, reason: error.message });
    }
  }
  return { formats, left, forms };
}

/** Throws ARTIFACT_UNSUPPORTED for a format that was asked for and that the result of the method cannot be written in. */
export function checkArtifacts(wish: JobSpec['artifacts'], model: ParsedModel, { options }: ConfiguredMethod): void {
  const patches = 'mode' in options && options.mode === 'patched';
  chooseArtifacts(wish, { model, patched: patches ? model.topology : undefined });
}

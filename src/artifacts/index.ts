/** The registry of artifact formats. A new format takes one file, one line here and one row in test/artifacts/formats.test.ts. */
import { AppError } from '../errors.ts';
import type { ArtifactFormat } from './format.ts';
import { keras } from './keras.ts';
import { npz } from './npz.ts';
import { safetensors } from './safetensors.ts';
import { stateDict } from './state-dict.ts';
import { tfjsLayers } from './tfjs-layers.ts';

export const artifactFormats = {
  safetensors,
  'tfjs-layers': tfjsLayers,
  keras,
  npz,
  'state-dict': stateDict,
} as const satisfies Record<string, ArtifactFormat>;

export type ArtifactFormatName = keyof typeof artifactFormats;

export const artifactFormatNames = Object.keys(artifactFormats) as ArtifactFormatName[];

/**
 * The format of that name.
 *
 * @throws ARTIFACT_FORMAT_UNKNOWN listing the names
 */
export function artifactFormat(name: string): ArtifactFormat {
  if (Object.hasOwn(artifactFormats, name)) return artifactFormats[name as ArtifactFormatName];
  const known = artifactFormatNames.join(', ');
  throw new AppError(
    'ARTIFACT_FORMAT_UNKNOWN',
    `no artifact format is called ${JSON.stringify(name)}; there are ${known}`,
  );
}

/**
 * The format that a file of an artifact belongs to, by its path: 'tfjs/group1-shard1of1.bin' -> 'tfjs-layers'; null for files of no format, such as
 * report.json.
 */
export function formatOf(file: string): ArtifactFormatName | null {
  const [folder = ''] = file.split('/');
  const matches = (name: ArtifactFormatName) =>
    artifactFormats[name].entry === file || artifactFormats[name].entry.startsWith(`${folder}/`);
  return artifactFormatNames.find(matches) ?? null;
}

/** Media types, by extension, of the files that describe the run and belong to no format. */
const reportTypes: Readonly<Record<string, string>> = { json: 'application/json', html: 'text/html; charset=utf-8' };

/** Media type of a file of an artifact, by its path. */
export function mediaTypeOf(file: string): string {
  const format = formatOf(file);
  const types = format === null ? reportTypes : artifactFormats[format].mediaTypes;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return Object.entries(types).find(([known]) => known === extension)?.[1] ?? 'application/octet-stream';
}

export type { ArtifactContent, ArtifactFormat, ClassList, Json, JsonObject } from './format.ts';

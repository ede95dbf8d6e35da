/** The published files of a job. */
import { Type } from 'typebox';
import { artifactFormatNames } from '../../artifacts/index.ts';
import { Bytes, Sha256, strict } from './common.ts';

export const Artifact = strict(
  {
    name: Type.String({ description: 'Path inside the job.' }),
    format: Type.String(),
    bytes: Bytes,
    sha256: Sha256,
    mediaType: Type.String(),
    url: Type.String(),
  },
  { description: 'One file that a job made.' },
);

export const ArtifactList = strict(
  {
    artifacts: Type.Array(Artifact, { description: 'Empty until the job has succeeded.' }),
  },
  { description: 'The files of a job.' },
);

export const ArtifactParams = strict({
  id: Type.String({ minLength: 1, maxLength: 100 }),
  '*': Type.String({ minLength: 1, maxLength: 1024, description: 'Name of the file, with its folders.' }),
});

export const WeightsQuery = strict({
  format: Type.Optional(Type.Enum(artifactFormatNames, { default: 'safetensors' })),
});

/** The Kubernetes manifests as data. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../scripts/setup/paths.mjs';

export const folders = ['docker/k8s', 'docker/k8s-fixed', 'docker/k8s-kueue'] as const;

export interface Container {
  readonly image: string;
  readonly env?: readonly { name: string; value?: string }[];
  readonly resources: { requests: Record<string, string>; limits: Record<string, string | number> };
  readonly securityContext: Record<string, unknown>;
}

export interface PodTemplate {
  readonly spec: {
    readonly restartPolicy?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly automountServiceAccountToken: boolean;
    readonly securityContext: Record<string, unknown>;
    readonly containers: readonly Container[];
  };
}

export interface Trigger {
  readonly type: string;
  readonly metadata: Record<string, string>;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: PodTemplate;
    readonly jobTargetRef?: { readonly template: PodTemplate } & Record<string, unknown>;
    readonly triggers?: readonly Trigger[];
  } & Record<string, unknown>;
  readonly data?: Record<string, string>;
}

export interface Kustomization {
  readonly resources?: string[];
  readonly images?: { name: string; newTag: string }[];
}

export const readText = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8');

/** Throws where the YAML is wrong, e.g. has a key twice. */
export function readDocuments(file: string): Manifest[] {
  return [...parseAllDocuments(readText(file), { merge: true })].map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  });
}

export const kustomizationOf = (folder: string): Kustomization =>
  readDocuments(`${folder}/kustomization.yaml`)[0] as unknown as Kustomization;

/** Those of the folder itself, with the name of their file (not enumerable: it is no part of the document). */
export function manifestsOf(folder: string): (Manifest & { readonly file: string })[] {
  return readdirSync(path.join(projectRoot, folder))
    .filter((file) => file !== 'kustomization.yaml')
    .flatMap((file) =>
      readDocuments(`${folder}/${file}`).map((document) =>
        Object.defineProperty(document as Manifest & { file: string }, 'file', { value: file, enumerable: false }),
      ),
    );
}

export const podTemplatesOf = ({ spec }: Manifest): PodTemplate[] =>
  [spec?.template, spec?.jobTargetRef?.template].filter((template) => template !== undefined);

export const containersOf = (manifests: readonly Manifest[]): Container[] =>
  manifests.flatMap(podTemplatesOf).flatMap(({ spec }) => spec.containers);

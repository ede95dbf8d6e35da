/** What travels over HTTP, out of /openapi.json: written by npm run client:types, not by hand. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A reference to data (builtin:digits, dataset:ID, https://, file:), and how to read it. */
        readonly DatasetSpec: {
            readonly ref: string;
            readonly options?: {
                /**
                 * @description Skips the recognition of the format.
                 * @enum {unknown}
                 */
                readonly format?: "npz" | "npy" | "parquet" | "safetensors" | "arrow" | "tfrecord" | "matlab" | "hdf5" | "idx" | "cifar-100" | "cifar-10" | "json" | "libsvm" | "webdataset" | "pictures" | "csv";
                /**
                 * @description Which part of a dataset that comes as several; one that comes as a whole is all train.
                 * @default train
                 * @enum {unknown}
                 */
                readonly part?: "train" | "validation" | "test";
                /** @description The arrays or columns of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...; of tables all columns but the target. */
                readonly inputs?: readonly string[];
                /** @description The array or column of the targets, several for several values; a list of such lists: the targets of each output of a model with several. Default: the one that is called y, label, target, class, ... */
                readonly target?: string | readonly string[] | readonly (readonly string[])[];
                /**
                 * @description auto: per-channel for images (bytes, and samples with three axes) unless they are float numbers of a small range already, none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.
                 * @default auto
                 */
                readonly normalize?: ("auto" | "per-channel" | "unit" | "none") | {
                    /** @description One for all channels, or one for each. */
                    readonly mean: readonly number[];
                    /** @description As `mean`. */
                    readonly std: readonly number[];
                };
                /**
                 * @description Share of the samples that is drawn aside for validation.
                 * @default 0
                 */
                readonly validationSplit?: number;
                /**
                 * @description Seed of that draw.
                 * @default 0
                 */
                readonly splitSeed?: number;
                /**
                 * @description How the file stores images with three axes; samples always come out channels-last.
                 * @default channels-last
                 * @enum {unknown}
                 */
                readonly layout?: "channels-last" | "channels-first";
                /** @description Shape of one stored sample, where the file holds it flat; of datasets with one input. */
                readonly shape?: readonly number[];
                /**
                 * @description auto: names, whole numbers and exact one-hot rows are classes, other numbers are values to regress; whole numbers that hardly are classes are asked about. A list: one for each output.
                 * @default auto
                 */
                readonly targets?: ("auto" | "classes" | "values") | readonly ("auto" | "classes" | "values")[];
                /** @description Number of classes; default: those that occur. */
                readonly classes?: number;
                /** @description The label of positions that have none and are left out of the loss. Default for labels per position: -100, and 255 in masks. */
                readonly ignoreLabel?: number;
                /** @description The array or column of lists of 0 and 1, in the shape of the labels: positions with 0 have no label and are left out of the loss. */
                readonly mask?: string;
                /** @description Lists of ids of different lengths: every list is padded on the right, or cut, to this length. */
                readonly padTo?: number;
                /**
                 * @description With padTo: the id that fills up.
                 * @default 0
                 */
                readonly padValue?: number;
                /** @description Pictures: height and width that all are brought to, by an antialiased triangle filter (bilinear of PIL and torchvision), the aspect not kept. Without it, pictures of different sizes are refused. */
                readonly imageSize?: readonly [
                    number,
                    number
                ];
                /**
                 * @description CIFAR-100: the 100 fine or the 20 coarse classes.
                 * @default fine
                 * @enum {unknown}
                 */
                readonly labels?: "fine" | "coarse";
                /**
                 * @description CSV: whether the first row holds names; "auto": it does when it is text where the rows below are numbers.
                 * @default auto
                 */
                readonly header?: "auto" | boolean;
                /**
                 * @description CSV: what separates the fields; "auto": what gives the first rows equally many.
                 * @default auto
                 * @enum {unknown}
                 */
                readonly delimiter?: "auto" | "," | ";" | "\t" | "|" | "blanks";
                /**
                 * @description CSV: the decimal mark; "auto": a comma where fields are not separated by one and no number has a point.
                 * @default auto
                 * @enum {unknown}
                 */
                readonly decimal?: "auto" | "point" | "comma";
                /** @description CSV: the column of the targets, by name or by position from 0; negative positions count from the end. Default: the one called label, target, class or y, else the last. */
                readonly labelColumn?: number | string;
            };
        };
        /** @description Where events are announced, by Standard Webhooks. */
        readonly WebhookSpec: {
            /** @description https:// on the public internet. Gets a POST for each event; redirects are not followed. */
            readonly url: string;
            /** @description Default: job.succeeded, job.failed, job.cancelled, job.expired. */
            readonly events?: readonly ("job.running" | "job.paused" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired")[];
            /** @description Signs the messages: whsec_ and 24 to 64 bytes in base64. Default: the secret of the API key (POST /v1/webhooks/secret). Never shown again. */
            readonly secret?: string;
        };
        /** @description A model, the data it will be trained on, and the method that initialises it. */
        readonly JobSpec: {
            readonly model: {
                /**
                 * @description Detected when left out.
                 * @enum {unknown}
                 */
                readonly format?: "keras3" | "keras1" | "keras2" | "tfjs-layers";
                readonly topology: {
                    readonly [key: string]: unknown;
                } | string;
            } | {
                /** @enum {string} */
                readonly format: "zoo";
                readonly name: string;
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            } | {
                readonly ref: string;
            };
            readonly dataset?: components["schemas"]["DatasetSpec"];
            readonly method: {
                readonly name: string;
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            };
            /** @description Inferred from the model and the targets when left out. Of a model with several outputs a list, one for each in their order; the dataset option target names the targets of each. */
            readonly loss?: ("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            } | readonly (("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            })[];
            /** @description Of a model with several outputs: the factor of the loss of each. Default: 1. */
            readonly lossWeights?: readonly number[];
            /** @description Of a model with several outputs the one that the targets and the loss belong to: the name of the layer that gives it, or its position from 0. What it does not depend on keeps its initial weights. */
            readonly output?: string | number;
            /** @default 0 */
            readonly seed?: number;
            /** @description Start from these weights instead of the initialisers. */
            readonly weights?: {
                readonly ref: string;
            };
            /** @description Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them. */
            readonly source?: {
                readonly model: {
                    /** @enum {string} */
                    readonly format: "zoo";
                    readonly name: string;
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                } | {
                    readonly ref: string;
                };
                /** @description Weights of that model; left out where its file holds them. */
                readonly weights?: {
                    readonly ref: string;
                };
            };
            /** @description Formats of the weights. Default: safetensors, and tfjs-layers where the network can be written so; the report says when it cannot. Models of torch.export: state-dict. */
            readonly artifacts?: readonly ("safetensors" | "tfjs-layers" | "keras" | "npz" | "state-dict")[];
            readonly limits?: {
                readonly maxQueueSeconds?: number;
                readonly maxRunSeconds?: number;
            };
            /** @description How attempts that were lost or failed are repeated. */
            readonly retry?: {
                /** @description Attempts that may be lost or fail before the job fails. */
                readonly maxAttempts?: number;
                /** @description Milliseconds before the second attempt. */
                readonly initialMs?: number;
                /** @description By how much each further delay is longer. */
                readonly factor?: number;
                /** @description The longest delay. */
                readonly maxMs?: number;
                /** @description Error codes after which there is no further attempt. Permanent errors never have one. */
                readonly nonRetryable?: readonly string[];
            };
            /** @description What the job needs of its worker. */
            readonly resources?: {
                /**
                 * @description The device that computes; any: the first worker that is free, on whatever device.
                 * @default any
                 * @enum {unknown}
                 */
                readonly device?: "any" | "cpu" | "gpu";
            };
            /**
             * @description Which of the waiting jobs of one key runs first. Keys are served in turn, whatever their jobs say.
             * @default normal
             * @enum {unknown}
             */
            readonly priority?: "high" | "normal" | "low";
            /** @description Trains the network after it was initialised and reports how well that went. */
            readonly training?: {
                /**
                 * @description Passes over the training samples.
                 * @default 200
                 */
                readonly epochs?: number;
                /** @description Ends the training after so many epochs, on the schedule of all of them: the accuracy after the first of 200 epochs costs one. Default: epochs. */
                readonly stopAfterEpochs?: number;
                /**
                 * @description Test evaluations near the end of every epoch, 10 steps apart, the last one at its end: their mean is less noisy than the last alone at a high rate.
                 * @default 1
                 */
                readonly evaluations?: number;
                /**
                 * @description Samples of a step; the last step of an epoch may have fewer.
                 * @default 128
                 */
                readonly batchSize?: number;
                /**
                 * @description SGD with momentum (not Nesterov), or Adam.
                 * @default sgd
                 * @enum {unknown}
                 */
                readonly optimizer?: "sgd" | "adam";
                /** @description Default: 0.1 batchSize / 128 for sgd, 0.001 for adam. */
                readonly learningRate?: number;
                /**
                 * @description Of sgd.
                 * @default 0.9
                 */
                readonly momentum?: number;
                /**
                 * @description Of adam.
                 * @default 0.9
                 */
                readonly beta1?: number;
                /**
                 * @description Of adam.
                 * @default 0.999
                 */
                readonly beta2?: number;
                /**
                 * @description cosine: to zero over all steps, changed every step.
                 * @default cosine
                 * @enum {unknown}
                 */
                readonly schedule?: "cosine" | "constant";
                /**
                 * @description The rate rises linearly from 0 over the steps of these epochs; fractions are allowed.
                 * @default 0
                 */
                readonly warmupEpochs?: number;
                /**
                 * @description Coefficient of the L2 penalty added to the gradient.
                 * @default 0.0001
                 */
                readonly weightDecay?: number;
                /**
                 * @description published: all but normalisation layers; in residual networks without normalisation all, and biases learn at a tenth of the rate. all: every parameter. weights: no bias and no normalisation.
                 * @default published
                 * @enum {unknown}
                 */
                readonly weightDecayGroups?: "published" | "all" | "weights";
                /**
                 * @description Largest global norm of the gradient; null: no clipping. Published: 1 for VGG-19 and ResNet-110 without batch normalisation.
                 * @default null
                 */
                readonly gradientClip?: number | null;
                /** @description Seeded transforms of the training images, [height, width, channels]. Off when left out. */
                readonly augmentation?: {
                    /** @description Zero pixels added on every side before a random crop of the original size; published: 4. */
                    readonly crop?: number;
                    /** @description Mirrors left and right with probability 1/2. */
                    readonly flip?: boolean;
                    /** @description Side of a square set to zero, its centre uniform, cut at the borders; published: 16. */
                    readonly cutout?: number;
                };
                /** @description Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit. */
                readonly test?: {
                    readonly ref: string;
                    readonly options?: {
                        /**
                         * @description Skips the recognition of the format.
                         * @enum {unknown}
                         */
                        readonly format?: "npz" | "npy" | "parquet" | "safetensors" | "arrow" | "tfrecord" | "matlab" | "hdf5" | "idx" | "cifar-100" | "cifar-10" | "json" | "libsvm" | "webdataset" | "pictures" | "csv";
                        /**
                         * @description Which part of a dataset that comes as several; one that comes as a whole is all train.
                         * @default train
                         * @enum {unknown}
                         */
                        readonly part?: "train" | "validation" | "test";
                        /** @description The arrays or columns of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...; of tables all columns but the target. */
                        readonly inputs?: readonly string[];
                        /** @description The array or column of the targets, several for several values; a list of such lists: the targets of each output of a model with several. Default: the one that is called y, label, target, class, ... */
                        readonly target?: string | readonly string[] | readonly (readonly string[])[];
                        /**
                         * @description auto: per-channel for images (bytes, and samples with three axes) unless they are float numbers of a small range already, none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.
                         * @default auto
                         */
                        readonly normalize?: ("auto" | "per-channel" | "unit" | "none") | {
                            /** @description One for all channels, or one for each. */
                            readonly mean: readonly number[];
                            /** @description As `mean`. */
                            readonly std: readonly number[];
                        };
                        /**
                         * @description Share of the samples that is drawn aside for validation.
                         * @default 0
                         */
                        readonly validationSplit?: number;
                        /**
                         * @description Seed of that draw.
                         * @default 0
                         */
                        readonly splitSeed?: number;
                        /**
                         * @description How the file stores images with three axes; samples always come out channels-last.
                         * @default channels-last
                         * @enum {unknown}
                         */
                        readonly layout?: "channels-last" | "channels-first";
                        /** @description Shape of one stored sample, where the file holds it flat; of datasets with one input. */
                        readonly shape?: readonly number[];
                        /**
                         * @description auto: names, whole numbers and exact one-hot rows are classes, other numbers are values to regress; whole numbers that hardly are classes are asked about. A list: one for each output.
                         * @default auto
                         */
                        readonly targets?: ("auto" | "classes" | "values") | readonly ("auto" | "classes" | "values")[];
                        /** @description Number of classes; default: those that occur. */
                        readonly classes?: number;
                        /** @description The label of positions that have none and are left out of the loss. Default for labels per position: -100, and 255 in masks. */
                        readonly ignoreLabel?: number;
                        /** @description The array or column of lists of 0 and 1, in the shape of the labels: positions with 0 have no label and are left out of the loss. */
                        readonly mask?: string;
                        /** @description Lists of ids of different lengths: every list is padded on the right, or cut, to this length. */
                        readonly padTo?: number;
                        /**
                         * @description With padTo: the id that fills up.
                         * @default 0
                         */
                        readonly padValue?: number;
                        /** @description Pictures: height and width that all are brought to, by an antialiased triangle filter (bilinear of PIL and torchvision), the aspect not kept. Without it, pictures of different sizes are refused. */
                        readonly imageSize?: readonly [
                            number,
                            number
                        ];
                        /**
                         * @description CIFAR-100: the 100 fine or the 20 coarse classes.
                         * @default fine
                         * @enum {unknown}
                         */
                        readonly labels?: "fine" | "coarse";
                        /**
                         * @description CSV: whether the first row holds names; "auto": it does when it is text where the rows below are numbers.
                         * @default auto
                         */
                        readonly header?: "auto" | boolean;
                        /**
                         * @description CSV: what separates the fields; "auto": what gives the first rows equally many.
                         * @default auto
                         * @enum {unknown}
                         */
                        readonly delimiter?: "auto" | "," | ";" | "\t" | "|" | "blanks";
                        /**
                         * @description CSV: the decimal mark; "auto": a comma where fields are not separated by one and no number has a point.
                         * @default auto
                         * @enum {unknown}
                         */
                        readonly decimal?: "auto" | "point" | "comma";
                        /** @description CSV: the column of the targets, by name or by position from 0; negative positions count from the end. Default: the one called label, target, class or y, else the last. */
                        readonly labelColumn?: number | string;
                    };
                };
                /** @description Also measure samples that accuracy is not measured on, to choose between trainings by: those of validationSplit where test names others, else every second sample to test on. */
                readonly selection?: boolean;
            };
            readonly webhook?: components["schemas"]["WebhookSpec"];
            /** @description Names and texts of the client's own, 16384 bytes in all. */
            readonly metadata?: {
                readonly [key: string]: string;
            };
        };
        /** @description A job: the wish, how far it is, and where to go from here. */
        readonly Job: {
            readonly id: string;
            /** @enum {unknown} */
            readonly status: "queued" | "paused" | "running" | "pausing" | "cancelling" | "succeeded" | "failed" | "cancelled" | "expired";
            readonly phase: ("loading" | "initializing" | "training" | "finalizing" | "waiting") | null;
            readonly attempt: number;
            readonly failures: number;
            readonly nextAttemptAt: string | null;
            readonly owner: string;
            readonly method: string;
            readonly comparison: string | null;
            /** @description What the job was asked to do, with defaults filled in. */
            readonly specification: {
                readonly dataset?: components["schemas"]["DatasetSpec"];
                readonly method: {
                    readonly name: string;
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                };
                /** @description Inferred from the model and the targets when left out. Of a model with several outputs a list, one for each in their order; the dataset option target names the targets of each. */
                readonly loss?: ("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                    /** @enum {unknown} */
                    readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                } | readonly (("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                    /** @enum {unknown} */
                    readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                })[];
                /** @description Of a model with several outputs: the factor of the loss of each. Default: 1. */
                readonly lossWeights?: readonly number[];
                /** @description Of a model with several outputs the one that the targets and the loss belong to: the name of the layer that gives it, or its position from 0. What it does not depend on keeps its initial weights. */
                readonly output?: string | number;
                /** @default 0 */
                readonly seed?: number;
                /** @description Start from these weights instead of the initialisers. */
                readonly weights?: {
                    readonly ref: string;
                };
                /** @description Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them. */
                readonly source?: {
                    readonly model: {
                        /** @enum {string} */
                        readonly format: "zoo";
                        readonly name: string;
                        readonly options?: {
                            readonly [key: string]: unknown;
                        };
                    } | {
                        readonly ref: string;
                    };
                    /** @description Weights of that model; left out where its file holds them. */
                    readonly weights?: {
                        readonly ref: string;
                    };
                };
                /** @description Formats of the weights. Default: safetensors, and tfjs-layers where the network can be written so; the report says when it cannot. Models of torch.export: state-dict. */
                readonly artifacts?: readonly ("safetensors" | "tfjs-layers" | "keras" | "npz" | "state-dict")[];
                readonly limits?: {
                    readonly maxQueueSeconds?: number;
                    readonly maxRunSeconds?: number;
                };
                /** @description How attempts that were lost or failed are repeated. */
                readonly retry?: {
                    /** @description Attempts that may be lost or fail before the job fails. */
                    readonly maxAttempts?: number;
                    /** @description Milliseconds before the second attempt. */
                    readonly initialMs?: number;
                    /** @description By how much each further delay is longer. */
                    readonly factor?: number;
                    /** @description The longest delay. */
                    readonly maxMs?: number;
                    /** @description Error codes after which there is no further attempt. Permanent errors never have one. */
                    readonly nonRetryable?: readonly string[];
                };
                /** @description What the job needs of its worker. */
                readonly resources?: {
                    /**
                     * @description The device that computes; any: the first worker that is free, on whatever device.
                     * @default any
                     * @enum {unknown}
                     */
                    readonly device?: "any" | "cpu" | "gpu";
                };
                /**
                 * @description Which of the waiting jobs of one key runs first. Keys are served in turn, whatever their jobs say.
                 * @default normal
                 * @enum {unknown}
                 */
                readonly priority?: "high" | "normal" | "low";
                /** @description Trains the network after it was initialised and reports how well that went. */
                readonly training?: {
                    /**
                     * @description Passes over the training samples.
                     * @default 200
                     */
                    readonly epochs?: number;
                    /** @description Ends the training after so many epochs, on the schedule of all of them: the accuracy after the first of 200 epochs costs one. Default: epochs. */
                    readonly stopAfterEpochs?: number;
                    /**
                     * @description Test evaluations near the end of every epoch, 10 steps apart, the last one at its end: their mean is less noisy than the last alone at a high rate.
                     * @default 1
                     */
                    readonly evaluations?: number;
                    /**
                     * @description Samples of a step; the last step of an epoch may have fewer.
                     * @default 128
                     */
                    readonly batchSize?: number;
                    /**
                     * @description SGD with momentum (not Nesterov), or Adam.
                     * @default sgd
                     * @enum {unknown}
                     */
                    readonly optimizer?: "sgd" | "adam";
                    /** @description Default: 0.1 batchSize / 128 for sgd, 0.001 for adam. */
                    readonly learningRate?: number;
                    /**
                     * @description Of sgd.
                     * @default 0.9
                     */
                    readonly momentum?: number;
                    /**
                     * @description Of adam.
                     * @default 0.9
                     */
                    readonly beta1?: number;
                    /**
                     * @description Of adam.
                     * @default 0.999
                     */
                    readonly beta2?: number;
                    /**
                     * @description cosine: to zero over all steps, changed every step.
                     * @default cosine
                     * @enum {unknown}
                     */
                    readonly schedule?: "cosine" | "constant";
                    /**
                     * @description The rate rises linearly from 0 over the steps of these epochs; fractions are allowed.
                     * @default 0
                     */
                    readonly warmupEpochs?: number;
                    /**
                     * @description Coefficient of the L2 penalty added to the gradient.
                     * @default 0.0001
                     */
                    readonly weightDecay?: number;
                    /**
                     * @description published: all but normalisation layers; in residual networks without normalisation all, and biases learn at a tenth of the rate. all: every parameter. weights: no bias and no normalisation.
                     * @default published
                     * @enum {unknown}
                     */
                    readonly weightDecayGroups?: "published" | "all" | "weights";
                    /**
                     * @description Largest global norm of the gradient; null: no clipping. Published: 1 for VGG-19 and ResNet-110 without batch normalisation.
                     * @default null
                     */
                    readonly gradientClip?: number | null;
                    /** @description Seeded transforms of the training images, [height, width, channels]. Off when left out. */
                    readonly augmentation?: {
                        /** @description Zero pixels added on every side before a random crop of the original size; published: 4. */
                        readonly crop?: number;
                        /** @description Mirrors left and right with probability 1/2. */
                        readonly flip?: boolean;
                        /** @description Side of a square set to zero, its centre uniform, cut at the borders; published: 16. */
                        readonly cutout?: number;
                    };
                    /** @description Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit. */
                    readonly test?: {
                        readonly ref: string;
                        readonly options?: {
                            /**
                             * @description Skips the recognition of the format.
                             * @enum {unknown}
                             */
                            readonly format?: "npz" | "npy" | "parquet" | "safetensors" | "arrow" | "tfrecord" | "matlab" | "hdf5" | "idx" | "cifar-100" | "cifar-10" | "json" | "libsvm" | "webdataset" | "pictures" | "csv";
                            /**
                             * @description Which part of a dataset that comes as several; one that comes as a whole is all train.
                             * @default train
                             * @enum {unknown}
                             */
                            readonly part?: "train" | "validation" | "test";
                            /** @description The arrays or columns of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...; of tables all columns but the target. */
                            readonly inputs?: readonly string[];
                            /** @description The array or column of the targets, several for several values; a list of such lists: the targets of each output of a model with several. Default: the one that is called y, label, target, class, ... */
                            readonly target?: string | readonly string[] | readonly (readonly string[])[];
                            /**
                             * @description auto: per-channel for images (bytes, and samples with three axes) unless they are float numbers of a small range already, none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.
                             * @default auto
                             */
                            readonly normalize?: ("auto" | "per-channel" | "unit" | "none") | {
                                /** @description One for all channels, or one for each. */
                                readonly mean: readonly number[];
                                /** @description As `mean`. */
                                readonly std: readonly number[];
                            };
                            /**
                             * @description Share of the samples that is drawn aside for validation.
                             * @default 0
                             */
                            readonly validationSplit?: number;
                            /**
                             * @description Seed of that draw.
                             * @default 0
                             */
                            readonly splitSeed?: number;
                            /**
                             * @description How the file stores images with three axes; samples always come out channels-last.
                             * @default channels-last
                             * @enum {unknown}
                             */
                            readonly layout?: "channels-last" | "channels-first";
                            /** @description Shape of one stored sample, where the file holds it flat; of datasets with one input. */
                            readonly shape?: readonly number[];
                            /**
                             * @description auto: names, whole numbers and exact one-hot rows are classes, other numbers are values to regress; whole numbers that hardly are classes are asked about. A list: one for each output.
                             * @default auto
                             */
                            readonly targets?: ("auto" | "classes" | "values") | readonly ("auto" | "classes" | "values")[];
                            /** @description Number of classes; default: those that occur. */
                            readonly classes?: number;
                            /** @description The label of positions that have none and are left out of the loss. Default for labels per position: -100, and 255 in masks. */
                            readonly ignoreLabel?: number;
                            /** @description The array or column of lists of 0 and 1, in the shape of the labels: positions with 0 have no label and are left out of the loss. */
                            readonly mask?: string;
                            /** @description Lists of ids of different lengths: every list is padded on the right, or cut, to this length. */
                            readonly padTo?: number;
                            /**
                             * @description With padTo: the id that fills up.
                             * @default 0
                             */
                            readonly padValue?: number;
                            /** @description Pictures: height and width that all are brought to, by an antialiased triangle filter (bilinear of PIL and torchvision), the aspect not kept. Without it, pictures of different sizes are refused. */
                            readonly imageSize?: readonly [
                                number,
                                number
                            ];
                            /**
                             * @description CIFAR-100: the 100 fine or the 20 coarse classes.
                             * @default fine
                             * @enum {unknown}
                             */
                            readonly labels?: "fine" | "coarse";
                            /**
                             * @description CSV: whether the first row holds names; "auto": it does when it is text where the rows below are numbers.
                             * @default auto
                             */
                            readonly header?: "auto" | boolean;
                            /**
                             * @description CSV: what separates the fields; "auto": what gives the first rows equally many.
                             * @default auto
                             * @enum {unknown}
                             */
                            readonly delimiter?: "auto" | "," | ";" | "\t" | "|" | "blanks";
                            /**
                             * @description CSV: the decimal mark; "auto": a comma where fields are not separated by one and no number has a point.
                             * @default auto
                             * @enum {unknown}
                             */
                            readonly decimal?: "auto" | "point" | "comma";
                            /** @description CSV: the column of the targets, by name or by position from 0; negative positions count from the end. Default: the one called label, target, class or y, else the last. */
                            readonly labelColumn?: number | string;
                        };
                    };
                    /** @description Also measure samples that accuracy is not measured on, to choose between trainings by: those of validationSplit where test names others, else every second sample to test on. */
                    readonly selection?: boolean;
                };
                readonly model: {
                    /** @enum {string} */
                    readonly format: "zoo";
                    readonly name: string;
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                } | {
                    readonly ref: string;
                } | {
                    /** @description As given; null when it was left to be detected. */
                    readonly format: string | null;
                    readonly topology: {
                        /** @description That the topology gives itself. */
                        readonly name: string | null;
                        /** @description Of its JSON without white space, keys in the order of the request. */
                        readonly sha256: string;
                        /** @description Length of that JSON in UTF-8. */
                        readonly bytes: number;
                    };
                };
                readonly webhook?: {
                    /** @description https:// on the public internet. Gets a POST for each event; redirects are not followed. */
                    readonly url: string;
                    /** @description Default: job.succeeded, job.failed, job.cancelled, job.expired. */
                    readonly events: readonly ("job.running" | "job.paused" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired")[];
                };
            };
            /** @description ISO 8601, UTC. */
            readonly createdAt: string;
            readonly startedAt: string | null;
            readonly finishedAt: string | null;
            readonly progress: {
                readonly iteration: number;
                readonly iterations: number | null;
                readonly etaSeconds: number | null;
            };
            readonly metrics: {
                readonly branch: string | null;
                readonly loss: number | null;
                readonly gradientNorm: number | null;
                readonly objective: number | null;
                readonly secondsPerIteration: number | null;
            } | null;
            readonly error: {
                readonly code: string;
                readonly message: string;
            } | null;
            readonly device: string | null;
            readonly metadata: {
                readonly [key: string]: string;
            };
            readonly queuePosition: number | null;
            readonly links: {
                readonly self: string;
                readonly events: string;
                /** @description With Accept: text/plain as text. */
                readonly logs: string;
                readonly artifacts: string;
                /** @description Takes ?format=. */
                readonly weights: string;
                /** @description What was announced to webhooks. */
                readonly deliveries: string;
                readonly cancel: string;
                readonly pause: string;
                readonly resume: string;
                readonly retry: string;
            };
        };
        /** @description A problem (RFC 9457). */
        readonly Problem: {
            /** @description A URI of the kind of problem, one for each code. */
            readonly type: string;
            /** @description The meaning of the code. */
            readonly title: string;
            readonly status: number;
            /** @description What is wrong with this request, and the fix. */
            readonly detail: string;
            /** @description The path of the request. */
            readonly instance: string;
            /** @description Stable; what programs compare. */
            readonly code: string;
            /** @description Every place that is wrong, where places can be named. */
            readonly errors: readonly {
                /** @description JSON pointer (RFC 6901). */
                readonly pointer: string;
                readonly message: string;
            }[];
            /** @description Also in the log and in the X-Request-Id header. */
            readonly requestId: string;
        };
        /** @description A page of jobs, newest first. */
        readonly JobList: {
            readonly jobs: readonly components["schemas"]["Job"][];
            readonly has_more: boolean;
            readonly next: string | null;
        };
        /** @description May be left out. */
        readonly Cancellation: {
            /**
             * @description partial: a running job publishes the weights as they are after the iteration at hand; its report has `cancelled: { phase, iteration }`.
             * @default none
             * @enum {unknown}
             */
            readonly artifacts?: "none" | "partial";
        };
        /** @description Samples, as their options show them. */
        readonly DatasetDescription: {
            /** @enum {string} */
            readonly kind: "dataset";
            readonly format: string;
            /** @description What showed the format. */
            readonly reason: string;
            /** @enum {unknown} */
            readonly part: "train" | "validation" | "test";
            readonly parts: readonly {
                /** @enum {unknown} */
                readonly name: "train" | "validation" | "test";
                readonly samples: number;
            }[];
            /** @description Those for training, after the validation split. */
            readonly samples: number;
            readonly inputs: readonly {
                readonly name: string;
                /** @description Of one sample. */
                readonly shape: readonly number[];
                /** @enum {unknown} */
                readonly dtype: "float32" | "int32";
                /** @description The type in which the numbers are held. */
                readonly stored: string;
                readonly min: number;
                readonly max: number;
                /** @description True when all numbers are whole. */
                readonly isWhole: boolean;
                readonly normalization: {
                    readonly mode: string;
                    readonly offset: readonly number[];
                    readonly scale: readonly number[];
                    /** @description A layer that does the same to the numbers of the file. */
                    readonly keras: string;
                    /** @description A transform that does the same after ToTensor(). */
                    readonly torch: string;
                } | null;
            }[];
            readonly targets: {
                /** @enum {string} */
                readonly kind: "classes";
                /** @description The column or array that they were read from. */
                readonly name: string;
                readonly classes: number;
                /** @description Of the ids of one sample; left out where a sample has one. */
                readonly shape?: readonly number[];
                /** @description By id; the first 1000. */
                readonly names: readonly string[];
                /** @description How often each occurs in the part, by id. */
                readonly counts: readonly number[];
                readonly ignored: {
                    /** @description As stored. */
                    readonly label: number;
                    readonly positions: number;
                } | null;
            } | {
                /** @enum {string} */
                readonly kind: "values";
                readonly name: string;
                readonly shape: readonly number[];
                /** @description True when every number is 0 or 1. */
                readonly isBinary?: boolean;
                readonly min: number;
                readonly max: number;
            } | {
                /** @enum {string} */
                readonly kind: "several";
                /** @description Of all outputs. */
                readonly name: string;
                /** @description The targets of each output. */
                readonly parts: readonly ({
                    /** @enum {string} */
                    readonly kind: "classes";
                    readonly classes: number;
                    readonly shape?: readonly number[];
                } | {
                    /** @enum {string} */
                    readonly kind: "values";
                    readonly shape: readonly number[];
                    readonly isBinary?: boolean;
                })[];
            };
            /** @description What was left out, decided or taken for granted. */
            readonly notes: readonly string[];
            /** @description The first samples of the part. */
            readonly first: readonly {
                /** @description The first 12 numbers of each, as stored. */
                readonly inputs: readonly (readonly number[])[];
                /** @description The name of the class, or the first numbers. */
                readonly target: string | readonly number[];
            }[];
        };
        /** @description null stands for what could not be found out. */
        readonly ValidationResult: {
            readonly valid: boolean;
            /** @description Everything that would keep the job from being accepted. */
            readonly problems: readonly {
                readonly code: string;
                readonly pointer: string;
                readonly message: string;
            }[];
            readonly model: {
                readonly name: string;
                readonly format: string;
                /** @description The activation that ends the model; the loss works on logits. */
                readonly head: string;
                readonly parameters: {
                    readonly total: number;
                    readonly trainable: number;
                };
                readonly layers: readonly {
                    readonly name: string;
                    readonly className: string;
                    readonly outputShape: readonly (number | null)[];
                    readonly parameters: number;
                }[];
            } | null;
            readonly memory: {
                readonly batchSize: number;
                /** @description Bytes. */
                readonly parametersBytes: number;
                /** @description Bytes. */
                readonly activationsBytes: number;
                /** @description Bytes. */
                readonly secondOrderStepBytes: number;
            } | null;
            /** @description From what workers measured of runs of this network with this method and these options. */
            readonly estimate: {
                readonly devices: readonly {
                    readonly device: string;
                    /** @description From the start to the published artifact, without waiting. */
                    readonly seconds: number;
                    /** @description Largest resident memory of the process that computed. */
                    readonly peakMemoryBytes: number;
                    /** @description Finished runs that this comes from; the median of their rates. */
                    readonly measurements: number;
                }[];
                readonly reason: string | null;
            };
            readonly method: {
                readonly name: string;
                readonly applicable: boolean | null;
                readonly reason: string | null;
                /** @description With every default filled in. */
                readonly options: {
                    readonly [key: string]: unknown;
                };
                readonly cost: {
                    readonly least: {
                        readonly iterations: number;
                        readonly trainingSteps: number;
                    };
                    readonly most: {
                        readonly iterations: number;
                        readonly trainingSteps: number;
                    };
                } | null;
            } | null;
            readonly dataset: components["schemas"]["DatasetDescription"] | null;
            readonly loss: {
                readonly name: string;
                readonly reason: string;
            } | null;
        };
        /** @description A model and its data, and how the candidates are tried (options of the method recommend). */
        readonly RecommendationSpec: {
            readonly model: {
                /**
                 * @description Detected when left out.
                 * @enum {unknown}
                 */
                readonly format?: "keras3" | "keras1" | "keras2" | "tfjs-layers";
                readonly topology: {
                    readonly [key: string]: unknown;
                } | string;
            } | {
                /** @enum {string} */
                readonly format: "zoo";
                readonly name: string;
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            } | {
                readonly ref: string;
            };
            readonly dataset?: components["schemas"]["DatasetSpec"];
            /** @description Inferred from the model and the targets when left out. Of a model with several outputs a list, one for each in their order; the dataset option target names the targets of each. */
            readonly loss?: ("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            } | readonly (("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            })[];
            /** @description Of a model with several outputs: the factor of the loss of each. Default: 1. */
            readonly lossWeights?: readonly number[];
            /** @description Of a model with several outputs the one that the targets and the loss belong to: the name of the layer that gives it, or its position from 0. What it does not depend on keeps its initial weights. */
            readonly output?: string | number;
            /** @default 0 */
            readonly seed?: number;
            /** @description Start from these weights instead of the initialisers. */
            readonly weights?: {
                readonly ref: string;
            };
            /** @description Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them. */
            readonly source?: {
                readonly model: {
                    /** @enum {string} */
                    readonly format: "zoo";
                    readonly name: string;
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                } | {
                    readonly ref: string;
                };
                /** @description Weights of that model; left out where its file holds them. */
                readonly weights?: {
                    readonly ref: string;
                };
            };
            /** @description Formats of the weights. Default: safetensors, and tfjs-layers where the network can be written so; the report says when it cannot. Models of torch.export: state-dict. */
            readonly artifacts?: readonly ("safetensors" | "tfjs-layers" | "keras" | "npz" | "state-dict")[];
            readonly limits?: {
                readonly maxQueueSeconds?: number;
                readonly maxRunSeconds?: number;
            };
            /** @description How attempts that were lost or failed are repeated. */
            readonly retry?: {
                /** @description Attempts that may be lost or fail before the job fails. */
                readonly maxAttempts?: number;
                /** @description Milliseconds before the second attempt. */
                readonly initialMs?: number;
                /** @description By how much each further delay is longer. */
                readonly factor?: number;
                /** @description The longest delay. */
                readonly maxMs?: number;
                /** @description Error codes after which there is no further attempt. Permanent errors never have one. */
                readonly nonRetryable?: readonly string[];
            };
            /** @description What the job needs of its worker. */
            readonly resources?: {
                /**
                 * @description The device that computes; any: the first worker that is free, on whatever device.
                 * @default any
                 * @enum {unknown}
                 */
                readonly device?: "any" | "cpu" | "gpu";
            };
            /**
             * @description Which of the waiting jobs of one key runs first. Keys are served in turn, whatever their jobs say.
             * @default normal
             * @enum {unknown}
             */
            readonly priority?: "high" | "normal" | "low";
            readonly webhook?: components["schemas"]["WebhookSpec"];
            /** @description Names and texts of the client's own, 16384 bytes in all. */
            readonly metadata?: {
                readonly [key: string]: string;
            };
            readonly options?: {
                readonly [key: string]: unknown;
            };
        };
        /** @description progress carries the metrics of an iteration, now and then the scales by parameter too; status the way of the job, log a line of text. */
        readonly JobEvent: {
            /** @description Grows; resumes the stream as Last-Event-ID or ?after=. */
            readonly id: string;
            /** @enum {unknown} */
            readonly type: "status" | "progress" | "log";
            readonly at: string;
            readonly data: {
                readonly [key: string]: unknown;
            };
        };
        /** @description A page of events, oldest first. */
        readonly EventList: {
            readonly events: readonly components["schemas"]["JobEvent"][];
            readonly has_more: boolean;
        };
        /** @description A page of the log, oldest line first. */
        readonly LogPage: {
            readonly lines: readonly {
                /** @description That of the event; grows, and is a cursor for ?after=. */
                readonly id: string;
                /** @description ISO 8601, UTC. */
                readonly at: string;
                /** @enum {unknown} */
                readonly level: "info" | "warn" | "error";
                readonly message: string;
                /** @description The numbers and names of the message. */
                readonly data: {
                    readonly [key: string]: unknown;
                };
            }[];
            readonly has_more: boolean;
        };
        /** @description Where the events of all jobs of an API key are announced. */
        readonly Webhook: {
            readonly id: string;
            /** @description https:// on the public internet. Gets a POST for each event; redirects are not followed. */
            readonly url: string;
            /** @description Default: job.succeeded, job.failed, job.cancelled, job.expired. */
            readonly events: readonly ("job.running" | "job.paused" | "job.succeeded" | "job.failed" | "job.cancelled" | "job.expired")[];
            /** @description ISO 8601, UTC. */
            readonly createdAt: string;
            /** @description false: messages are signed with the secret of the API key. */
            readonly hasOwnSecret: boolean;
        };
        /** @description The webhooks of a key. */
        readonly WebhookList: {
            readonly webhooks: readonly components["schemas"]["Webhook"][];
        };
        /** @description A new secret of the API key. */
        readonly WebhookSecret: {
            /** @description whsec_ and 32 bytes in base64. Shown this once. */
            readonly secret: string;
            /** @description ISO 8601, UTC. */
            readonly createdAt: string;
            readonly previousUntil: string | null;
        };
        /** @description null: the key has no secret. The secret itself is not shown again. */
        readonly WebhookSecretState: {
            readonly createdAt: string | null;
            readonly previousUntil: string | null;
        };
        /** @description One message to one webhook. */
        readonly Delivery: {
            /** @description The webhook-id of the message, the same in every attempt. */
            readonly id: string;
            /** @description Id of a webhook of the key; `job` for the job's own. */
            readonly webhook: string;
            readonly url: string;
            readonly event: string;
            /** @description ISO 8601, UTC. */
            readonly createdAt: string;
            /** @enum {unknown} */
            readonly status: "pending" | "delivered" | "failed";
            readonly nextAttemptAt: string | null;
            /** @description The last 20, oldest first. */
            readonly attempts: readonly {
                /** @description ISO 8601, UTC. */
                readonly at: string;
                readonly statusCode: number | null;
                readonly error: string | null;
                readonly durationMs: number;
            }[];
        };
        /** @description Messages about one job, oldest first. */
        readonly DeliveryList: {
            readonly deliveries: readonly components["schemas"]["Delivery"][];
        };
        /** @description One file that a job made. */
        readonly Artifact: {
            /** @description Path inside the job. */
            readonly name: string;
            readonly format: string;
            /** @description Bytes. */
            readonly bytes: number;
            /** @description Lower-case hex. */
            readonly sha256: string;
            readonly mediaType: string;
            readonly url: string;
        };
        /** @description The files of a job. */
        readonly ArtifactList: {
            /** @description Empty until the job has succeeded. */
            readonly artifacts: readonly components["schemas"]["Artifact"][];
        };
        /** @description How every network is trained after it was initialised. */
        readonly ComparisonTraining: {
            /** @description Its name in the report; made from the specification when left out. */
            readonly label?: string;
            /**
             * @description Passes over the training samples.
             * @default 200
             */
            readonly epochs?: number;
            /** @description Ends the training after so many epochs, on the schedule of all of them: the accuracy after the first of 200 epochs costs one. Default: epochs. */
            readonly stopAfterEpochs?: number;
            /**
             * @description Test evaluations near the end of every epoch, 10 steps apart, the last one at its end: their mean is less noisy than the last alone at a high rate.
             * @default 1
             */
            readonly evaluations?: number;
            /**
             * @description Samples of a step; the last step of an epoch may have fewer.
             * @default 128
             */
            readonly batchSize?: number;
            /**
             * @description SGD with momentum (not Nesterov), or Adam.
             * @default sgd
             * @enum {unknown}
             */
            readonly optimizer?: "sgd" | "adam";
            /** @description Default: 0.1 batchSize / 128 for sgd, 0.001 for adam. */
            readonly learningRate?: number;
            /**
             * @description Of sgd.
             * @default 0.9
             */
            readonly momentum?: number;
            /**
             * @description Of adam.
             * @default 0.9
             */
            readonly beta1?: number;
            /**
             * @description Of adam.
             * @default 0.999
             */
            readonly beta2?: number;
            /**
             * @description cosine: to zero over all steps, changed every step.
             * @default cosine
             * @enum {unknown}
             */
            readonly schedule?: "cosine" | "constant";
            /**
             * @description The rate rises linearly from 0 over the steps of these epochs; fractions are allowed.
             * @default 0
             */
            readonly warmupEpochs?: number;
            /**
             * @description Coefficient of the L2 penalty added to the gradient.
             * @default 0.0001
             */
            readonly weightDecay?: number;
            /**
             * @description published: all but normalisation layers; in residual networks without normalisation all, and biases learn at a tenth of the rate. all: every parameter. weights: no bias and no normalisation.
             * @default published
             * @enum {unknown}
             */
            readonly weightDecayGroups?: "published" | "all" | "weights";
            /**
             * @description Largest global norm of the gradient; null: no clipping. Published: 1 for VGG-19 and ResNet-110 without batch normalisation.
             * @default null
             */
            readonly gradientClip?: number | null;
            /** @description Seeded transforms of the training images, [height, width, channels]. Off when left out. */
            readonly augmentation?: {
                /** @description Zero pixels added on every side before a random crop of the original size; published: 4. */
                readonly crop?: number;
                /** @description Mirrors left and right with probability 1/2. */
                readonly flip?: boolean;
                /** @description Side of a square set to zero, its centre uniform, cut at the borders; published: 16. */
                readonly cutout?: number;
            };
        };
        /** @description Models, methods and seeds that are compared on one dataset, trained alike. */
        readonly ComparisonSpec: {
            readonly models: readonly {
                /** @description Its name in the report; made from the specification when left out. */
                readonly label?: string;
                readonly model: {
                    /**
                     * @description Detected when left out.
                     * @enum {unknown}
                     */
                    readonly format?: "keras3" | "keras1" | "keras2" | "tfjs-layers";
                    readonly topology: {
                        readonly [key: string]: unknown;
                    } | string;
                } | {
                    /** @enum {string} */
                    readonly format: "zoo";
                    readonly name: string;
                    readonly options?: {
                        readonly [key: string]: unknown;
                    };
                } | {
                    readonly ref: string;
                };
                /**
                 * @description Largest global norm of the gradient; null: no clipping. Published: 1 for VGG-19 and ResNet-110 without batch normalisation.
                 * @default null
                 */
                readonly gradientClip?: number | null;
            }[];
            readonly dataset: components["schemas"]["DatasetSpec"];
            /** @description Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit. */
            readonly test?: {
                readonly ref: string;
                readonly options?: {
                    /**
                     * @description Skips the recognition of the format.
                     * @enum {unknown}
                     */
                    readonly format?: "npz" | "npy" | "parquet" | "safetensors" | "arrow" | "tfrecord" | "matlab" | "hdf5" | "idx" | "cifar-100" | "cifar-10" | "json" | "libsvm" | "webdataset" | "pictures" | "csv";
                    /**
                     * @description Which part of a dataset that comes as several; one that comes as a whole is all train.
                     * @default train
                     * @enum {unknown}
                     */
                    readonly part?: "train" | "validation" | "test";
                    /** @description The arrays or columns of the inputs, in the order of the model. Default: x, X, images, ..., x_train, or x0, x1, ...; of tables all columns but the target. */
                    readonly inputs?: readonly string[];
                    /** @description The array or column of the targets, several for several values; a list of such lists: the targets of each output of a model with several. Default: the one that is called y, label, target, class, ... */
                    readonly target?: string | readonly string[] | readonly (readonly string[])[];
                    /**
                     * @description auto: per-channel for images (bytes, and samples with three axes) unless they are float numbers of a small range already, none otherwise. per-channel: mean 0 and standard deviation 1 over the training part (features: each column). unit: to 0..1. { mean, std }: (x - mean) / std, where x of 8-bit images is first brought to 0..1.
                     * @default auto
                     */
                    readonly normalize?: ("auto" | "per-channel" | "unit" | "none") | {
                        /** @description One for all channels, or one for each. */
                        readonly mean: readonly number[];
                        /** @description As `mean`. */
                        readonly std: readonly number[];
                    };
                    /**
                     * @description Share of the samples that is drawn aside for validation.
                     * @default 0
                     */
                    readonly validationSplit?: number;
                    /**
                     * @description Seed of that draw.
                     * @default 0
                     */
                    readonly splitSeed?: number;
                    /**
                     * @description How the file stores images with three axes; samples always come out channels-last.
                     * @default channels-last
                     * @enum {unknown}
                     */
                    readonly layout?: "channels-last" | "channels-first";
                    /** @description Shape of one stored sample, where the file holds it flat; of datasets with one input. */
                    readonly shape?: readonly number[];
                    /**
                     * @description auto: names, whole numbers and exact one-hot rows are classes, other numbers are values to regress; whole numbers that hardly are classes are asked about. A list: one for each output.
                     * @default auto
                     */
                    readonly targets?: ("auto" | "classes" | "values") | readonly ("auto" | "classes" | "values")[];
                    /** @description Number of classes; default: those that occur. */
                    readonly classes?: number;
                    /** @description The label of positions that have none and are left out of the loss. Default for labels per position: -100, and 255 in masks. */
                    readonly ignoreLabel?: number;
                    /** @description The array or column of lists of 0 and 1, in the shape of the labels: positions with 0 have no label and are left out of the loss. */
                    readonly mask?: string;
                    /** @description Lists of ids of different lengths: every list is padded on the right, or cut, to this length. */
                    readonly padTo?: number;
                    /**
                     * @description With padTo: the id that fills up.
                     * @default 0
                     */
                    readonly padValue?: number;
                    /** @description Pictures: height and width that all are brought to, by an antialiased triangle filter (bilinear of PIL and torchvision), the aspect not kept. Without it, pictures of different sizes are refused. */
                    readonly imageSize?: readonly [
                        number,
                        number
                    ];
                    /**
                     * @description CIFAR-100: the 100 fine or the 20 coarse classes.
                     * @default fine
                     * @enum {unknown}
                     */
                    readonly labels?: "fine" | "coarse";
                    /**
                     * @description CSV: whether the first row holds names; "auto": it does when it is text where the rows below are numbers.
                     * @default auto
                     */
                    readonly header?: "auto" | boolean;
                    /**
                     * @description CSV: what separates the fields; "auto": what gives the first rows equally many.
                     * @default auto
                     * @enum {unknown}
                     */
                    readonly delimiter?: "auto" | "," | ";" | "\t" | "|" | "blanks";
                    /**
                     * @description CSV: the decimal mark; "auto": a comma where fields are not separated by one and no number has a point.
                     * @default auto
                     * @enum {unknown}
                     */
                    readonly decimal?: "auto" | "point" | "comma";
                    /** @description CSV: the column of the targets, by name or by position from 0; negative positions count from the end. Default: the one called label, target, class or y, else the last. */
                    readonly labelColumn?: number | string;
                };
            };
            /** @description Names, or names with options. */
            readonly methods: readonly (string | {
                /** @description Its name in the report; made from the specification when left out. */
                readonly label?: string;
                readonly name: string;
                readonly options?: {
                    readonly [key: string]: unknown;
                };
                /**
                 * @description The rate rises linearly from 0 over the steps of these epochs; fractions are allowed.
                 * @default 0
                 */
                readonly warmupEpochs?: number;
                /** @description Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them. */
                readonly source?: {
                    readonly model: {
                        /** @enum {string} */
                        readonly format: "zoo";
                        readonly name: string;
                        readonly options?: {
                            readonly [key: string]: unknown;
                        };
                    } | {
                        readonly ref: string;
                    };
                    /** @description Weights of that model; left out where its file holds them. */
                    readonly weights?: {
                        readonly ref: string;
                    };
                };
            })[];
            /**
             * @default [
             *       0,
             *       1,
             *       2
             *     ]
             */
            readonly seeds?: readonly number[];
            /** @description One protocol, or several to train every initialisation with (a transfer matrix). */
            readonly training: components["schemas"]["ComparisonTraining"] | readonly components["schemas"]["ComparisonTraining"][];
            /** @description Trains every row at each of these rates and reports it at the one that is best on samples that accuracy is not measured on. */
            readonly learningRates?: readonly number[];
            /** @description Adds the rows kaiming, kaiming + warm-up, torch-default and keras-default where they are missing. Default: where learningRates are given. */
            readonly baselines?: boolean;
            /** @description Inferred from the model and the targets when left out. Of a model with several outputs a list, one for each in their order; the dataset option target names the targets of each. */
            readonly loss?: ("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            } | readonly (("softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber") | {
                /** @enum {unknown} */
                readonly name: "softmax-cross-entropy" | "sigmoid-cross-entropy" | "mean-squared-error" | "huber";
                readonly options?: {
                    readonly [key: string]: unknown;
                };
            })[];
            /** @description Of a model with several outputs: the factor of the loss of each. Default: 1. */
            readonly lossWeights?: readonly number[];
            /** @description Of a model with several outputs the one that the targets and the loss belong to: the name of the layer that gives it, or its position from 0. What it does not depend on keeps its initial weights. */
            readonly output?: string | number;
            /** @description Formats of the weights. Default: safetensors, and tfjs-layers where the network can be written so; the report says when it cannot. Models of torch.export: state-dict. */
            readonly artifacts?: readonly ("safetensors" | "tfjs-layers" | "keras" | "npz" | "state-dict")[];
            readonly limits?: {
                readonly maxQueueSeconds?: number;
                readonly maxRunSeconds?: number;
            };
            /** @description How attempts that were lost or failed are repeated. */
            readonly retry?: {
                /** @description Attempts that may be lost or fail before the job fails. */
                readonly maxAttempts?: number;
                /** @description Milliseconds before the second attempt. */
                readonly initialMs?: number;
                /** @description By how much each further delay is longer. */
                readonly factor?: number;
                /** @description The longest delay. */
                readonly maxMs?: number;
                /** @description Error codes after which there is no further attempt. Permanent errors never have one. */
                readonly nonRetryable?: readonly string[];
            };
            /** @description What the job needs of its worker. */
            readonly resources?: {
                /**
                 * @description The device that computes; any: the first worker that is free, on whatever device.
                 * @default any
                 * @enum {unknown}
                 */
                readonly device?: "any" | "cpu" | "gpu";
            };
            /**
             * @description Which of the waiting jobs of one key runs first. Keys are served in turn, whatever their jobs say.
             * @default normal
             * @enum {unknown}
             */
            readonly priority?: "high" | "normal" | "low";
            /** @description Names and texts of the client's own, 16384 bytes in all. */
            readonly metadata?: {
                readonly [key: string]: string;
            };
        };
        /** @description A comparison: how far it is, and where to go from here. */
        readonly Comparison: {
            readonly id: string;
            /**
             * @description failed: every cell is over and some gave no result; the report has the others.
             * @enum {unknown}
             */
            readonly status: "queued" | "running" | "succeeded" | "failed" | "cancelled";
            readonly owner: string;
            /** @description ISO 8601, UTC. */
            readonly createdAt: string;
            readonly finishedAt: string | null;
            /** @description Models x methods x seeds x protocols that apply: one job each. */
            readonly cells: number;
            /** @description Cells by the status of their job. */
            readonly counts: {
                readonly [key: string]: number;
            };
            /** @description Rows that will not run, and why. */
            readonly inapplicable: readonly {
                readonly model: string;
                readonly method: string;
                readonly reason: string;
            }[];
            /** @description Jobs by cell. */
            readonly jobs: {
                readonly [key: string]: string;
            };
            readonly links: {
                readonly self: string;
                /** @description JSON; beside it report.md and report.html. */
                readonly report: string;
                readonly page: string;
                /** @description Of the best cell; takes ?format=, ?model=, ?training=. */
                readonly weights: string;
                readonly cancel: string;
            };
        };
        /** @description A page of comparisons, newest first. */
        readonly ComparisonList: {
            readonly comparisons: readonly components["schemas"]["Comparison"][];
            readonly has_more: boolean;
        };
        /** @description An upload: data, a topology, or weights to start from. */
        readonly Dataset: {
            readonly id: string;
            /** @description Of the file, or of the first of several. */
            readonly name: string;
            readonly bytes: number;
            /** @description Of the bytes; of several files: of their `sha256sum` listing. */
            readonly sha256: string;
            readonly files: readonly {
                readonly name: string;
                readonly bytes: number;
                readonly sha256: string;
            }[];
            /** @description Of several files, the one that is opened and finds the others beside it; null: all as a folder. */
            readonly entry: string | null;
            readonly createdAt: string;
            /**
             * @description What it can be referred to as.
             * @enum {unknown}
             */
            readonly kind: "dataset" | "model" | "weights";
            /** @description For the specification of a job. */
            readonly ref: string;
            readonly description: components["schemas"]["DatasetDescription"] | {
                /** @enum {string} */
                readonly kind: "container";
                readonly format: string;
                /** @description What showed the format. */
                readonly reason: string;
                /** @description Why it cannot be read without options. */
                readonly problem: string;
            } | {
                /** @enum {string} */
                readonly kind: "model";
                readonly format: string;
                readonly layers: number;
                readonly parameters: number;
                /** @description Of a file that holds weights too: a job may name it as its weights. */
                readonly weights?: readonly {
                    readonly name: string;
                    readonly shape: readonly number[];
                    readonly dtype: string;
                }[];
            } | {
                /** @enum {string} */
                readonly kind: "weights";
                readonly format: string;
                readonly tensors: readonly {
                    readonly name: string;
                    readonly shape: readonly number[];
                    readonly dtype: string;
                }[];
            };
            readonly links: {
                readonly self: string;
            };
        };
        /** @description A page of uploads, newest first. */
        readonly DatasetList: {
            readonly datasets: readonly components["schemas"]["Dataset"][];
            readonly has_more: boolean;
        };
        /** @description The first samples of a dataset. */
        readonly DatasetSamples: {
            /** @enum {unknown} */
            readonly part: "train" | "validation" | "test";
            readonly samples: readonly {
                readonly inputs: readonly {
                    readonly name: string;
                    /** @description The first 12, as stored. */
                    readonly numbers: readonly number[];
                    /** @description A PNG as a data URL, at most 64 pixels a side; null where the numbers are no picture. */
                    readonly picture: string | null;
                }[];
                /** @description The name of the class, or the first numbers. */
                readonly target: string | readonly number[];
                /** @description Ids per pixel as a PNG: from black for 0 to white for the last, grey with no label. */
                readonly mask: string | null;
            }[];
        };
        /** @description Jobs by status, altogether and by tenant, as far as the key may see them. */
        readonly QueueState: {
            /** @description How many jobs are in each status. */
            readonly jobs: {
                readonly queued: number;
                readonly paused: number;
                readonly running: number;
                readonly pausing: number;
                readonly cancelling: number;
                readonly succeeded: number;
                readonly failed: number;
                readonly cancelled: number;
                readonly expired: number;
            };
            /** @description One entry for each name of API_KEYS that the caller may see: its own, or all of them for admins. */
            readonly tenants: readonly {
                /** @description Name of the key; empty without keys. */
                readonly name: string;
                /** @description How many jobs are in each status. */
                readonly jobs: {
                    readonly queued: number;
                    readonly paused: number;
                    readonly running: number;
                    readonly pausing: number;
                    readonly cancelling: number;
                    readonly succeeded: number;
                    readonly failed: number;
                    readonly cancelled: number;
                    readonly expired: number;
                };
            }[];
        };
        /** @description Who asks, and what the key allows. */
        readonly Session: {
            /** @description False when no API_KEYS are configured: everybody may do everything. */
            readonly keysRequired: boolean;
            /** @description Name of the key, which owns what it creates; empty without keys. */
            readonly name: string;
            readonly scopes: readonly ("jobs:read" | "jobs:write" | "admin")[];
        };
        /** @description An initialisation: what it needs, and its options. */
        readonly Method: {
            readonly name: string;
            readonly summary: string;
            readonly reference: string;
            readonly needsDataset: boolean;
            /** @description Takes weights from another network, the `source` of the job. */
            readonly needsSource: boolean;
            readonly iterative: boolean;
            /** @description Differentiates a gradient. */
            readonly secondOrder: boolean;
            /** @description JSON Schema of the options. */
            readonly options: {
                readonly [key: string]: unknown;
            };
        };
        /** @description All methods. */
        readonly MethodList: {
            readonly methods: readonly components["schemas"]["Method"][];
        };
        /** @description A network that is known by name, and its options. */
        readonly ZooModel: {
            readonly name: string;
            readonly summary: string;
            readonly reference: string;
            /** @description JSON Schema of the options. */
            readonly options: {
                readonly [key: string]: unknown;
            };
        };
        /** @description All networks of the zoo. */
        readonly ZooList: {
            readonly models: readonly components["schemas"]["ZooModel"][];
        };
        /** @description All losses. */
        readonly LossList: {
            readonly losses: readonly {
                readonly name: string;
                readonly summary: string;
                /** @description JSON Schema of the options. */
                readonly options: {
                    readonly [key: string]: unknown;
                };
            }[];
        };
        /** @description What is read and written. */
        readonly FormatList: {
            readonly datasets: readonly {
                readonly name: string;
                readonly summary: string;
                /** @description JSON Schema of the options. */
                readonly options: {
                    readonly [key: string]: unknown;
                };
            }[];
            readonly models: readonly {
                readonly name: string;
                readonly summary: string;
            }[];
            readonly artifacts: readonly {
                readonly name: string;
                readonly summary: string;
                readonly entry: string;
                readonly mediaType: string;
            }[];
            readonly builtinDatasets: readonly string[];
        };
        /** @description The process answers. */
        readonly Liveness: {
            /** @enum {boolean} */
            readonly live: true;
            readonly version: string;
        };
        /** @description Whether jobs are taken and run, and by whom. */
        readonly Readiness: {
            /** @description Jobs are taken, and somebody runs them. */
            readonly ready: boolean;
            readonly checks: {
                readonly redis: {
                    readonly ok: boolean;
                    readonly detail: string | null;
                };
                readonly store: {
                    readonly ok: boolean;
                    readonly detail: string | null;
                };
                readonly workers: {
                    readonly ok: boolean;
                    readonly detail: string | null;
                };
            };
            readonly workers: readonly {
                readonly name: string;
                readonly startedAt: string;
                readonly devices: readonly {
                    readonly name: string;
                    readonly backend: string | null;
                    readonly busy: boolean;
                }[];
            }[];
            /** @description What works and should still be known: jobs on the CPU, say. */
            readonly warnings: readonly string[];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

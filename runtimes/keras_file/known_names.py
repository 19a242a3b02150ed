"""The names in a Keras file that modelport rebuilds for strangers: layers and functions that compute, and no others.

An allowlist: a name that is missing here is refused, however harmless. Drawn from Keras 3.15 and tf-keras 2.21; a test
looks each up there. Left out: layers that hold code or name other files, and those of texts, which read a vocabulary.
"""

# ruff: noqa: SIM905 (tables of words are read, and compared with the registry, more easily than quoted lists)

#: Layers, and the models that hold them.
LAYERS = frozenset(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention AugMix
    AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
    BatchNormalization BatchNormalizationV1 BatchNormalizationV2 Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D Conv3DTranspose
    ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D Convolution2DTranspose
    Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense DepthwiseConv1D DepthwiseConv2D
    Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten Functional GRU GRUCell GaussianDropout
    GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D GlobalAvgPool2D
    GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D GlobalMaxPooling1D GlobalMaxPooling2D
    GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity InputLayer InputSpec LSTM LSTMCell Layer
    LayerNormalization LeakyReLU LocallyConnected1D LocallyConnected2D Masking MaxNumBoundingBoxes MaxPool1D MaxPool2D
    MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MixUp Model MultiHeadAttention Multiply
    Normalization PReLU Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration
    RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
    RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
    RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth RandomZoom ReLU RepeatVector Rescaling
    Reshape Resizing ReversibleEmbedding SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D
    Sequential SimpleRNN SimpleRNNCell Softmax Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D
    SpectralNormalization StackedRNNCells Subtract SyncBatchNormalization ThresholdedReLU TimeDistributed
    UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """.split()
)

#: What layers hold: initializers, regularizers, constraints, dtype policies, what quantized them.
PARTS = frozenset(
    """
    AWQConfig AWQDTypePolicy AbsMaxQuantizer Constant DTypePolicy DTypePolicyMap Float8QuantizationConfig
    FloatDTypePolicy GPTQConfig GPTQDTypePolicy GlorotNormal GlorotUniform HeNormal HeUniform Identity
    IdentityInitializer InputSpec Int4DTypePolicy Int4QuantizationConfig Int8QuantizationConfig L1 L1L2 L2 LecunNormal
    LecunUniform MaxNorm MinMaxNorm NonNeg Ones Orthogonal OrthogonalInitializer OrthogonalRegularizer Policy
    QuantizationConfig QuantizedDTypePolicy QuantizedFloat8DTypePolicy RadialConstraint RandomNormal RandomUniform
    STFT STFTInitializer SeedGenerator TruncatedNormal UnitNorm VarianceScaling Zeros
    """.split()
)

#: What a model inside a model was compiled with: Keras rebuilds that.
OF_TRAINING = frozenset(
    """
    AUC Accuracy Adadelta Adafactor Adagrad Adam AdamW Adamax BinaryAccuracy BinaryCrossentropy
    BinaryFocalCrossentropy BinaryIoU CTC CategoricalAccuracy CategoricalCrossentropy CategoricalFocalCrossentropy
    CategoricalGeneralizedCrossEntropy CategoricalHinge Circle ConcordanceCorrelation CosineDecay CosineDecayRestarts
    CosineSimilarity Dice ExponentialDecay F1Score FBetaScore FalseNegatives FalsePositives Ftrl Hinge Huber
    InverseTimeDecay IoU KLDivergence Lamb LearningRateSchedule Lion LogCosh LogCoshError Loss LossScaleOptimizer Mean
    MeanAbsoluteError MeanAbsolutePercentageError MeanIoU MeanRelativeError MeanSquaredError
    MeanSquaredLogarithmicError MeanTensor Metric MultiOptimizer Muon Nadam OneHotIoU OneHotMeanIoU Optimizer
    OptimizerMap PearsonCorrelation PiecewiseConstantDecay Poisson PolynomialDecay Precision PrecisionAtRecall R2Score
    RMSprop Recall RecallAtPrecision Reduction RootMeanSquaredError SGD ScheduleFreeAdamW SensitivityAtSpecificity
    SparseCategoricalAccuracy SparseCategoricalCrossentropy SparseTopKCategoricalAccuracy SpecificityAtSensitivity
    SquaredHinge Sum TopKCategoricalAccuracy TrueNegatives TruePositives Tversky
    """.split()
)

#: Values that JSON has no word for. Not here: "__typespec__", which imports the module that it names.
VALUES = frozenset(
    "__bytes__ __ellipsis__ __keras_tensor__ __numpy__ __slice__ __tensor__ __tuple__ TensorShape".split()
)

#: Layers that ConvNeXt in keras.applications has for itself.
OF_APPLICATIONS = frozenset(("LayerScale", "StochasticDepth"))

CLASSES = LAYERS | OF_APPLICATIONS | PARTS | OF_TRAINING | VALUES

#: Functions of keras.activations.
ACTIVATIONS = frozenset(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
    """.split()
)

#: Functions of keras.losses and keras.metrics.
FUNCTIONS_OF_TRAINING = frozenset(
    """
    KLD MAE MAPE MSE MSLE binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy
    categorical_crossentropy categorical_focal_crossentropy categorical_generalized_cross_entropy categorical_hinge
    circle concordance_correlation cosine_similarity ctc dice hinge huber kl_divergence kld
    kullback_leibler_divergence log_cosh logcosh mae mape mean_absolute_error mean_absolute_percentage_error
    mean_squared_error mean_squared_logarithmic_error mse msle pearson_correlation poisson sparse_categorical_accuracy
    sparse_categorical_crossentropy sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy tversky
    """.split()
)

FUNCTIONS = ACTIVATIONS | FUNCTIONS_OF_TRAINING

#: Where Keras 3 has the operations of `keras.ops`, all of which compute.
OPERATION_MODULES = frozenset(f"keras.src.ops.{name}" for name in ("numpy", "nn", "math", "image", "linalg", "einops"))
#: Of those in keras.src.ops.core, the ones that take no function.
CORE_OPERATIONS = frozenset(
    "Cast ConvertToTensor SaturateCast Scatter ScatterUpdate Slice SliceUpdate StopGradient Unstack".split()
)

#: Layers of tf-keras that call the TensorFlow function which the file names, even while the file is loaded.
SYMBOL_LAYERS = ("TFOpLambda", "SlicingOpLambda")
#: The functions that they may name: of arrays, without files, callbacks or printing.
TENSORFLOW_SYMBOLS = frozenset(
    """
    __operators__.add __operators__.eq __operators__.getitem __operators__.ne argsort batch_to_space boolean_mask
    broadcast_to cast clip_by_norm clip_by_value compat.v1.floor_div compat.v1.nn.relu_layer concat constant
    convert_to_tensor cumsum dtypes.saturate_cast einsum ensure_shape expand_dims eye fill gather gather_nd identity
    image.adjust_brightness image.adjust_contrast image.adjust_gamma image.adjust_hue image.adjust_saturation
    image.central_crop image.convert_image_dtype image.crop_and_resize image.crop_to_bounding_box
    image.extract_patches image.flip_left_right image.flip_up_down image.grayscale_to_rgb image.hsv_to_rgb
    image.pad_to_bounding_box image.per_image_standardization image.resize image.resize_with_crop_or_pad
    image.resize_with_pad image.rgb_to_grayscale image.rgb_to_hsv image.rot90 image.sobel_edges image.transpose
    keras.activations.elu keras.activations.exponential keras.activations.gelu keras.activations.hard_sigmoid
    keras.activations.linear keras.activations.mish keras.activations.relu keras.activations.selu
    keras.activations.sigmoid keras.activations.softmax keras.activations.softplus keras.activations.softsign
    keras.activations.swish keras.activations.tanh keras.backend.abs keras.backend.argmax keras.backend.batch_dot
    keras.backend.batch_flatten keras.backend.bias_add keras.backend.cast keras.backend.clip keras.backend.concatenate
    keras.backend.conv2d keras.backend.dot keras.backend.elu keras.backend.exp keras.backend.expand_dims
    keras.backend.flatten keras.backend.hard_sigmoid keras.backend.l2_normalize keras.backend.log keras.backend.max
    keras.backend.maximum keras.backend.mean keras.backend.min keras.backend.minimum keras.backend.permute_dimensions
    keras.backend.pool2d keras.backend.pow keras.backend.prod keras.backend.relu keras.backend.repeat_elements
    keras.backend.reshape keras.backend.resize_images keras.backend.reverse keras.backend.round keras.backend.shape
    keras.backend.sigmoid keras.backend.sign keras.backend.softmax keras.backend.softplus keras.backend.softsign
    keras.backend.spatial_2d_padding keras.backend.sqrt keras.backend.square keras.backend.squeeze keras.backend.stack
    keras.backend.std keras.backend.sum keras.backend.tanh keras.backend.tile keras.backend.transpose
    keras.backend.var linalg.band_part linalg.cross linalg.diag linalg.diag_part linalg.matmul linalg.matvec
    linalg.normalize linalg.trace linspace math.abs math.accumulate_n math.acos math.acosh math.add math.add_n
    math.argmax math.argmin math.asin math.asinh math.atan math.atan2 math.atanh math.ceil math.cos math.cosh
    math.count_nonzero math.cumprod math.cumsum math.divide math.divide_no_nan math.equal math.erf math.erfc math.exp
    math.expm1 math.floor math.floordiv math.floormod math.greater math.greater_equal math.is_finite math.is_inf
    math.is_nan math.l2_normalize math.less math.less_equal math.log math.log1p math.log_sigmoid math.logical_and
    math.logical_not math.logical_or math.logical_xor math.maximum math.minimum math.multiply math.multiply_no_nan
    math.negative math.not_equal math.pow math.reciprocal math.reciprocal_no_nan math.reduce_all math.reduce_any
    math.reduce_euclidean_norm math.reduce_logsumexp math.reduce_max math.reduce_mean math.reduce_min math.reduce_prod
    math.reduce_std math.reduce_sum math.reduce_variance math.rint math.round math.rsqrt math.scalar_mul math.sigmoid
    math.sign math.sin math.sinh math.softplus math.sqrt math.square math.squared_difference math.subtract math.tan
    math.tanh math.top_k math.truediv math.xdivy math.xlogy math.zero_fraction meshgrid nn.atrous_conv2d nn.avg_pool
    nn.avg_pool1d nn.avg_pool2d nn.batch_normalization nn.bias_add nn.conv1d nn.conv2d nn.conv2d_transpose
    nn.convolution nn.crelu nn.depth_to_space nn.depthwise_conv2d nn.dropout nn.elu nn.gelu nn.l2_loss nn.leaky_relu
    nn.local_response_normalization nn.log_softmax nn.max_pool nn.max_pool1d nn.max_pool2d nn.moments nn.pool nn.relu
    nn.relu6 nn.selu nn.separable_conv2d nn.silu nn.softmax nn.softsign nn.space_to_depth norm one_hot ones ones_like
    pad range rank repeat reshape reverse roll scatter_nd shape shape_n size slice sort space_to_batch split squeeze
    stack stop_gradient strided_slice tensordot tile transpose unstack where zeros zeros_like
    """.split()
)

#: Classes of tf-keras that are refused by these names, so that nobody takes them for somebody's own.
REFUSED_OF_KERAS = frozenset(
    """
    ClassMethod InstanceMethod InstanceProperty TensorFlowOpLayer AddLoss AddMetric DenseFeatures SequenceFeatures
    StringLookup IntegerLookup TextVectorization HashedCrossing Hashing ResidualWrapper DropoutWrapper DeviceWrapper
    CompositeTensor TypeSpec __typespec__
    """.split()
)

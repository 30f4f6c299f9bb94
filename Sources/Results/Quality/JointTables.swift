extension TableDefinition {
  public static let joints = TableDefinition(
    "joints.csv",
    row: "store, condition, start of a chain and joint that it passes, with `--joints`: where the error lies",
    columns: [
      .store, .condition, .start, .tap, .count, .directions, .variance, .error, .imageError, .isotropicImageError,
      .seenDirections, .seenShare,
    ])

  public static let jointSpectra = TableDefinition(
    "joint_spectra.csv", row: "row of `joints.csv` and direction of the activation, by falling gain",
    columns: [.store, .condition, .start, .tap, .direction, .gain, .variance, .error, .imageShare])
}

extension Column {
  public static let start = Column("start", "Tap at which the chain starts, with the true activation.")
  public static let direction = Column("direction", "Direction of the activation, by falling gain, from 1.")
  public static let directions = Column("directions", "Number of directions: channels of a token.")
  public static let gain = Column(
    "gain",
    "How far the pixels of a cell (0 … 1, root of the sum of squares) move with an activation that moves by 1 along the direction."
  )
  public static let variance = Column(
    "variance",
    "Variance of the true activation about the mean of its position; in `joints.csv` the mean over the directions.")
  public static let error = Column(
    "error", "Squared error of what the chain has at the joint; in `joints.csv` the mean over the directions.")
  public static let imageShare = Column(
    "image_share", "Share of the error of the image that follows from the error along the direction.")
  public static let imageError = Column(
    "image_error", "Squared error of pixels in 0 … 1 that follows from the error through the linear map to the image.")
  public static let isotropicImageError = Column(
    "image_error_isotropic", "The same of an error of the same size that is alike in all directions.")
  public static let seenDirections = Column(
    "seen_directions",
    "How many directions make up 99 % of what the map shows of the true activation, those that make up most first.")
  public static let seenShare = Column("seen_share", "Share of the squared error that lies in these directions.")
}

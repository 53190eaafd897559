// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Why files cannot become a version of a volume.
public enum IngestError: Error, Equatable {
  /// Neither the files nor the person say how far voxels are apart.
  case noVoxelSize(path: String)
  /// A voxel size was given for labels, and their image has another.
  case otherVoxelSize(given: VoxelSize, image: String, known: VoxelSize)
  /// The files state a voxel size that is not that of the image that they belong to.
  case statedVoxelSize(VoxelSize, path: String, image: String, known: VoxelSize)
  /// A Zarr volume among several files or volumes.
  case severalVolumes(path: String)
  /// A region was asked for of files that are slices.
  case regionOfSlices(path: String)
  /// The volume has versions already.
  case volumeExists(String)
  /// There is no volume to make a new version of.
  case nothingToContinue(String)
  /// Rows and columns of the slices are not those of the version that they belong to.
  case otherSize(slice: String, size: Extent, version: String, versionSize: Extent)
  /// There are fewer or more slices than the version they belong to has, and no positions.
  case unplaced(slices: Int, version: String, depth: Int)
  /// There are not as many positions as slices.
  case positionCount(slices: Int, positions: Int)
  /// A position lies outside the volume, or is given twice.
  case badPosition(Int, version: String, depth: Int)
  /// The number in a slice's name is not that of a slice of the image.
  case foreignNumber(Int, slice: String, version: String)
  /// The numbers in the names are too far apart to be those of slices.
  case scatteredNumbers(first: String, last: String)
  /// Positions were given for a volume that has no extent yet.
  case positionsOfNothing(String)
  /// Text after `--at` that gives no positions.
  case badPositions(String)
  /// Text after `--classes` that names no classes.
  case badClasses(String, reason: String)
  /// Labels without classes.
  case noClasses
  /// Ids of objects, and not one class for them.
  case instancesNeedOneClass
  /// Values that the class map does not name, with how often the slice has them.
  case unnamedValues([String], slice: String, voxels: Int)
  /// A label that is no whole number, or negative.
  case fractionalLabel(String, slice: String)
  /// Voxels of a type that no version holds.
  case unstorableType(DataType, path: String)
  /// Only some slices of a version are replaced, and the classes are not those that it has.
  case otherClasses(version: String, its: String)
  /// One layer needs more memory than is allowed.
  case tooLittleMemory(needed: Int, allowed: Int)
  /// Files are not those that the run began with.
  case filesChanged(run: Int64)
  /// A server that could not be reached while voxels were read from it, or that took a signature no longer.
  case interrupted(run: Int64, address: String, reason: String, isSigned: Bool)
  /// A run that read by a signed address cannot go on without one.
  case unsigned(run: Int64, address: String)
  /// An address that is not the one that the run reads.
  case otherAddress(run: Int64, known: String)
  /// A run that is no ingest, or was recorded by another program.
  case notResumable(run: Int64)
}

extension IngestError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noVoxelSize(let path):
      "'\(path)' does not say how large its voxels are: give --voxel-size z,y,x with a unit, as in 50,8,8nm"
    case .otherVoxelSize(let given, let image, let known):
      "--voxel-size \(given) is not that of \(image), \(known): leave it out, labels take the image's"
    case .statedVoxelSize(let stated, let path, let image, let known):
      "'\(path)' states a voxel size of \(stated) and \(image) has \(known): correct it, or give"
        + " --voxel-size \(known) if its voxels are those of the image all the same"
    case .severalVolumes(let path):
      "'\(path)' is a Zarr volume and not all that was named: name one volume, or files of slices"
    case .regionOfSlices(let path):
      "--region takes a part of a Zarr volume, and '\(path)' holds slices: name only the slices that are wanted"
    case .volumeExists(let volume):
      "\(volume) has a version already: give --new-version to add another, or choose another name"
    case .nothingToContinue(let volume):
      "\(volume) has no version yet: leave out --new-version to make the first"
    case .otherSize(let slice, let size, let version, let versionSize):
      "'\(slice)' has \(size) pixels (rows × columns) but \(version) has \(versionSize):"
        + " give slices of the same size"
    case .unplaced(let slices, let version, let depth):
      "there are \(Self.slices(slices)) but \(version) has \(depth): say where they belong with --at z=…,"
        + " or give --allow-gaps to place them by the numbers in their names"
    case .positionCount(let slices, let positions):
      "--at gives \(positions) \(positions == 1 ? "position" : "positions") for"
        + " \(Self.slices(slices)): give one for each, as in z=1,30,60 or z=0:20"
    case .badPosition(let z, let version, let depth):
      "--at puts two slices, or one that is not there, at z=\(z): \(version) has z=0 to \(depth - 1),"
        + " each of which can be given once"
    case .foreignNumber(let number, let slice, let version):
      "'\(slice)' has the number \(number), which no slice of \(version) has: say where it belongs with --at"
    case .scatteredNumbers(let first, let last):
      "the numbers in '\(first)' and '\(last)' are too far apart to be those of slices of one volume:"
        + " rename the files so that they count the slices"
    case .positionsOfNothing(let volume):
      "--at says where slices belong in a volume that is there already, but \(volume) is new: leave it out,"
        + " or name the image with --like"
    case .badPositions(let text):
      "'\(text)' gives no positions: write z=18, z=1,30,60,116 or z=0:20"
    case .badClasses(let text, let reason):
      "'\(text)' gives no classes: \(reason), as in mito=255,er=2 or mito=nonzero"
    case .noClasses:
      "what the values mean is not said: give --classes, as in mito=255,er=2 or mito=nonzero"
    case .instancesNeedOneClass:
      "with --instances every value but 0 is one object of one class: give --classes NAME=nonzero"
    case .unnamedValues(let values, let slice, let voxels):
      "'\(slice)' has \(values.count == 1 ? "the value" : "the values") \(values.joined(separator: ", ")) in"
        + " \(voxels) \(voxels == 1 ? "voxel" : "voxels"), which --classes does not name: add NAME=VALUE,"
        + " background=VALUE, or NAME=nonzero if all values are one class"
    case .fractionalLabel(let value, let slice):
      "'\(slice)' holds \(value), and labels are whole numbers from 0: convert it to an integer type"
    case .unstorableType(let type, let path):
      "'\(path)' holds \(type) voxels, which viewers cannot show: convert it to 32-bit float"
    case .otherClasses(let version, let its):
      "only some slices of \(version) are replaced, so that its classes must stay: give --classes \(its)"
    case .tooLittleMemory(let needed, let allowed):
      "one layer of the volume needs \(needed >> 20) MiB and --memory allows \(allowed >> 20) MiB: allow more"
    case .filesChanged(let run):
      "the files are not those that run \(run) began with: begin anew with vemdb ingest"
    case .interrupted(let run, let address, let reason, isSigned: false):
      "cannot read '\(address)': \(reason); go on with `vemdb run resume \(run)` once it can be reached"
    case .interrupted(let run, let address, let reason, isSigned: true):
      "cannot read '\(address)': \(reason); go on with `vemdb run resume \(run) --address …` and a signature"
        + " that is valid"
    case .unsigned(let run, let address):
      "run \(run) reads '\(address)' by a signature, which is not recorded: give the address with a valid one"
        + " as --address"
    case .otherAddress(let run, let known):
      "run \(run) reads '\(known)': give that address with a valid signature as --address, or begin anew with"
        + " vemdb ingest"
    case .notResumable(let run):
      "run \(run) cannot be resumed as an ingest: begin anew with vemdb ingest"
    }
  }

  private static func slices(_ count: Int) -> String { count == 1 ? "1 slice" : "\(count) slices" }
}

// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// A network that is run plane by plane along z over one tile of y and x, exactly as in one pass over the
/// whole array.
///
/// Each operation keeps only the planes that later ones still read: three for a kernel of three planes, and
/// for a skip connection as many as the decoder stays behind. In y and x each level of resolution computes
/// only what the levels after it need. Zeros are padded at the array's true faces alone. A plane of the
/// result has the same bits wherever the stream began.
///
/// ```swift
/// let plan = try StreamPlan(graph, size: [219, 2000, 2000], y: 0..<512, x: 512..<1024)
/// try plan.load(parameters)
/// try plan.run(planes: 0..<219, input: { z in … }, output: { z, logits in … })
/// ```
public final class StreamPlan {
  /// The part of the input in y and x that `run` asks for.
  public let window: (y: Range<Int>, x: Range<Int>)

  /// The part of the output in y and x that `run` hands out.
  public let core: (y: Range<Int>, x: Range<Int>)

  /// How many classes the network tells apart.
  public let channels: Int

  let stream: StreamGraph
  let size: [Int]
  let program: OneDNNProgram
  var nodes: [PlannedNode] = []
  var scalings = Scalings()
  private var input: OneDNNProgram.Buffer
  private var output: OneDNNProgram.Buffer
  private var outputWindow: (y: Range<Int>, x: Range<Int>)
  private var outputSteps: Range<Int> = 0..<0
  private let original: Graph
  private var isLoaded = false

  /// What a node does for one plane.
  struct PlannedNode {
    /// The steps of a convolution of planes.
    var convolution: OneDNNProgram.PlaneConvolutionRecord?

    /// Its weights' names and what is folded into them.
    var fused: FusedConvolution?

    /// A transposed convolution that enlarges.
    var enlargement: (record: OneDNNProgram.EnlargementRecord, fused: FusedConvolution)?

    /// A batch normalisation that stands alone.
    var normalization: (record: OneDNNProgram.NormalizationRecord, name: String)?

    /// Other steps of the node's own.
    var steps: Range<Int> = 0..<0

    /// Copies of the result for later nodes.
    var copies: [Int] = []
  }

  /// Prepares a tile.
  ///
  /// - Parameters:
  ///   - size: D, H, W of the whole array; H and W multiples of the network's alignment.
  ///   - y: The rows of the result that are wanted.
  ///   - x: Its columns.
  ///   - slack: By how many positions a window may grow to spare a copy.
  /// - Throws: ``NetworkError/notStreamable(node:reason:)``, ``NetworkError/unsupportedPrecision(_:)``,
  ///   ``NetworkError/shapeMismatch(node:reason:)`` or ``NetworkError/backend(reason:)``.
  public init(
    _ graph: Graph, size: [Int], y: Range<Int>, x: Range<Int>, precision: Precision = .float32,
    threads: Int = 2, slack: Int = StreamTiling.slack
  ) throws(NetworkError) {
    guard precision.isSupported else { throw .unsupportedPrecision(precision.rawValue) }
    original = graph
    let stream = try StreamGraph(graph)
    self.stream = stream
    self.size = size
    core = (y, x)
    guard case .input(let inputChannels) = graph.nodes[0].operation else {
      throw .invalidGraph(reason: "the first node is not the input")
    }
    let shapes = try stream.graph.shapes(inputShape: [1, inputChannels] + size)
    let windows = [y, x].enumerated().map { axis, range in
      StreamWindows(stream, core: range, axis: axis + 1, counts: shapes.map { $0[3 + axis] }, slack: slack)
    }
    let values = StreamValues(stream, y: windows[0], x: windows[1])
    window = (windows[0].windows[0], windows[1].windows[0])
    outputWindow = (windows[0].windows[stream.output], windows[1].windows[stream.output])
    channels = shapes[stream.output][1]
    let resultShape = [1, channels, 1, outputWindow.y.count, outputWindow.x.count]
    do throws(TensorError) {
      program = try OneDNNProgram(threads: threads, precision: precision)
      input = program.plain([1, inputChannels, 1, window.y.count, window.x.count])
      output = program.plain(resultShape)
      let staged = (input, output)
      try program.build { () throws(TensorError) in
        let result = try append(values, channels: shapes.map { $0[1] }, input: staged.0)
        let start = program.stepCount
        try program.appendReorder(from: result, to: staged.1, .forward)
        outputSteps = start..<program.stepCount
      }
    } catch {
      throw .backend(reason: "\(error)")
    }
  }

  /// How many bytes the planes, the weights and what the operations need besides take.
  public var memoryBytes: Int { program.plannedBytes }

  /// How many planes the whole array has.
  public var depth: Int { size[0] }

  /// The planes of the input that ``run(planes:input:output:)`` asks for.
  public func inputPlanes(for planes: Range<Int>) -> Range<Int> {
    stream.needs(of: planes, axis: 0, counts: Array(repeating: size[0], count: stream.graph.nodes.count))[0]
  }

  /// Takes the parameters for the runs to come.
  ///
  /// - Throws: ``NetworkError/missingParameter(name:)``,
  ///   ``NetworkError/parameterShape(name:expected:found:)``, ``NetworkError/backend(reason:)``.
  public func load(_ parameters: Parameters) throws(NetworkError) {
    try original.check(parameters)
    do throws(TensorError) {
      if program.memoryBytes == 0 { try program.finish() }
      write(parameters)
      try program.run(.load)
    } catch {
      throw .backend(reason: "\(error)")
    }
    isLoaded = true
  }

  /// Runs the network over planes.
  ///
  /// - Parameters:
  ///   - planes: Of the output; they are handed out in rising order.
  ///   - input: Gives 1, C, 1, H, W of ``window`` for a plane of the array; asked for in rising order, each
  ///     once, from some planes before those wanted to some after them.
  ///   - output: Takes C, H, W of ``core``: the logits.
  /// - Throws: What the closures throw, or ``NetworkError/backend(reason:)``.
  public func run(
    planes: Range<Int>, input: (Int) throws -> Tensor, output: (Int, Tensor) throws -> Void
  ) throws {
    precondition(isLoaded, "a plan is loaded with parameters before it runs")
    precondition(planes.lowerBound >= 0 && planes.upperBound <= size[0], "planes of the array")
    if planes.isEmpty { return }
    let counts = Array(repeating: size[0], count: stream.graph.nodes.count)
    let needs = stream.needs(of: planes, axis: 0, counts: counts)
    let lag = stream.lags[stream.output]
    for time in needs[0].lowerBound..<planes.upperBound + lag {
      if needs[0].contains(time) { program.write(try input(time), to: self.input) }
      var list: [(step: Int, plane: Int)] = []
      for (index, node) in nodes.enumerated() where needs[index].contains(time - stream.lags[index]) {
        append(node, at: index, plane: time - stream.lags[index], to: &list)
      }
      let plane = time - lag
      if planes.contains(plane) { list += outputSteps.map { ($0, plane) } }
      do throws(TensorError) { try program.run(list) } catch {
        throw NetworkError.backend(reason: "\(error)")
      }
      if planes.contains(plane) { try output(plane, result()) }
    }
  }

  private func append(
    _ node: PlannedNode, at index: Int, plane: Int, to list: inout [(step: Int, plane: Int)]
  ) {
    if let convolution = node.convolution, let fused = node.fused {
      let (depth, reach) = (fused.convolution.kernel[0], stream.reaches[index])
      let positions = max(0, reach - plane)...min(depth - 1, size[0] - 1 - plane + reach)
      list += convolution.steps(positions, plane: plane)
    }
    list += node.steps.map { ($0, plane) }
    list += node.copies.map { ($0, plane) }
  }

  /// The core of what the program has computed.
  private func result() -> Tensor {
    let whole = program.read(output)
    let (rows, columns) = (outputWindow.y, outputWindow.x)
    if rows == core.y && columns == core.x { return whole.reshaped([channels, rows.count, columns.count]) }
    var part = Tensor(zeros: [channels, core.y.count, core.x.count])
    whole.withSpan { source in
      part.withMutableSpan { target in
        var index = 0
        for channel in 0..<channels {
          for y in core.y {
            let start = (channel * rows.count + y - rows.lowerBound) * columns.count - columns.lowerBound
            for x in core.x {
              target[index] = source[start + x]
              index += 1
            }
          }
        }
      }
    }
    return part
  }
}

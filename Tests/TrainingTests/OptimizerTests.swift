// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Testing
import Training

@Suite("Optimiser and schedules")
struct OptimizerTests {
  @Test(
    "three steps equal PyTorch's",
    arguments: [
      (Adam(), [[0.99000001, -1.99000001], [0.980822206, -1.99366105], [0.982431352, -1.99649251]]),
      (
        Adam(weightDecay: 0.1),
        [[0.99000001, -1.99000001], [0.980345547, -1.98735595], [0.979078054, -1.98289514]]
      ),
      (
        Adam(weightDecay: 0.1, isDecayDecoupled: true),
        [[0.989000022, -1.98800004], [0.978833258, -1.98967314], [0.979463577, -1.99051499]]
      ),
    ] as [(Adam, [[Float]])])
  func adam(_ adam: Adam, _ expected: [[Float]]) throws {
    var parameters = Parameters()
    parameters["w"] = Tensor([1, -2], shape: [2])
    var moments = Adam.Moments(like: parameters)
    for (step, slopes) in ([[0.1, -0.2], [0.3, 0.4], [-0.5, 1e-4]] as [[Float]]).enumerated() {
      var gradients = Parameters()
      gradients["w"] = Tensor(slopes, shape: [2])
      adam.update(&parameters, &moments, gradients: gradients, rate: 0.01, step: step)
      for (found, wanted) in zip(try #require(parameters["w"]).elements, expected[step]) {
        #expect(abs(found - wanted) < 4e-7)
      }
    }
  }

  @Test("the cosine rises over a tenth, then falls to nearly nothing")
  func cosine() {
    let schedule = LearningRateSchedule.cosine(1, warmUp: 0.1)
    #expect(schedule.rate(at: 0, of: 100) == 0.1)
    #expect(schedule.rate(at: 9, of: 100) == 1)
    #expect(schedule.rate(at: 10, of: 100) == 1)
    #expect(abs(schedule.rate(at: 55, of: 100) - 0.5) < 1e-12)
    #expect(schedule.rate(at: 99, of: 100) < 0.001)
    #expect(schedule.rate(at: 0, of: 1) == 1)
  }

  @Test("the cosine has the rates of PyTorch's LinearLR and CosineAnnealingLR, poly those of PolynomialLR")
  func torch() {
    let cosine: [Double] = [
      0.0015, 0.003, 0.003, 0.002977211629518312, 0.0029095389311788625, 0.002799038105676658,
      0.0026490666646784666, 0.0024641814145298087, 0.00225, 0.002013030214988503,
      0.0017604722665003954, 0.0015, 0.0012395277334996042, 0.000986969785011497, 0.00075,
      0.0005358185854701907, 0.000350933335321533, 0.0002009618943233422, 9.04610688211375e-05,
      2.2788370481687964e-05,
    ]
    for (step, rate) in cosine.enumerated() {
      #expect(abs(LearningRateSchedule.cosine(0.003, warmUp: 0.1).rate(at: step, of: 20) - rate) < 1e-12)
    }
    let poly: [Double] = [
      0.01, 0.009095325760829623, 0.008180521460508584, 0.007254178469372199, 0.006314458674893553,
      0.0053588673126814665, 0.00438383290554087, 0.003383834619016499, 0.002349237886176038,
      0.0012589254117941673,
    ]
    for (step, rate) in poly.enumerated() {
      #expect(abs(LearningRateSchedule.poly(0.01, power: 0.9).rate(at: step, of: 10) - rate) < 1e-12)
    }
  }

  @Test("two phases and a constant")
  func phases() {
    let schedule = LearningRateSchedule.twoPhase(0.005, until: 50, then: 0.002)
    #expect(schedule.rate(at: 49, of: 100) == 0.005 && schedule.rate(at: 50, of: 100) == 0.002)
    #expect(LearningRateSchedule.constant(3).rate(at: 7, of: 9) == 3)
  }
}

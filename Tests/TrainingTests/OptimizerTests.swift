// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Testing
import Training

@Suite("Optimiser and schedules")
struct OptimizerTests {
  @Test("three steps of Adam equal NumPy's computation of PyTorch's formula")
  func adam() throws {
    var parameters = Parameters()
    parameters["w"] = Tensor([1, -2], shape: [2])
    var moments = Adam.Moments(like: parameters)
    let expected: [[Float]] = [
      [0.990000001, -1.99], [0.98082219, -1.993661036], [0.982431333, -1.996492456],
    ]
    for (step, slopes) in ([[0.1, -0.2], [0.3, 0.4], [-0.5, 1e-4]] as [[Float]]).enumerated() {
      var gradients = Parameters()
      gradients["w"] = Tensor(slopes, shape: [2])
      Adam().update(&parameters, &moments, gradients: gradients, rate: 0.01, step: step)
      for (found, wanted) in zip(try #require(parameters["w"]).elements, expected[step]) {
        #expect(abs(found - wanted) < 3e-7)
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

  @Test("two phases and a constant")
  func phases() {
    let schedule = LearningRateSchedule.twoPhase(0.005, until: 50, then: 0.002)
    #expect(schedule.rate(at: 49, of: 100) == 0.005 && schedule.rate(at: 50, of: 100) == 0.002)
    #expect(LearningRateSchedule.constant(3).rate(at: 7, of: 9) == 3)
  }
}

import Foundation
import Reports
import Testing

@Suite struct DetailSectionTests {
  @Test func spectraAreDrawnWithTheirLevel() throws {
    let folder = try ResultsFolder()
    try folder.write(
      qualityHeader + "A,original,x,cutoff_coherence,12,11,13,50\n", "detail.csv")
    try folder.write(
      "store,condition,tap,frequency,frequency_per_patch,power_input,power_reconstruction,power_ratio,coherence,n\n"
        + (1...20).map { "A,original,x,\($0),,1,1,\(1 / Double($0)),\(1 - Double($0) / 25),50\n" }.joined(),
      "detail_spectrum.csv")
    let summary = try folder.builder.build()
    #expect(summary.files.contains("figures/detail-coherence.svg"))
    #expect(summary.files.contains("figures/detail-power_ratio.svg"))
    #expect(try folder.page().contains("The dashed line marks one half."))
  }
}

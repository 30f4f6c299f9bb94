import Foundation
import Reports
import Testing

@Suite struct EfficiencySectionTests {
  @Test func trainingsAreComparedAtEqualBudgets() throws {
    let folder = try ResultsFolder()
    try folder.write(
      "run,mode,inverse,module,metric,value,unit\nm,modular,network,all,parameters,2000000,count\n"
        + "e,end-to-end,network,all,parameters,4000000,count\n", "efficiency.csv")
    try folder.write(
      "budget,limit,unit,cut,run,mode,inverse,spent,epoch,mse,psnr\ntime,60,s,embed,m,modular,network,59,3,0.01,20.5\n"
        + "time,60,s,embed,e,end-to-end,network,58,2,0.02,17\n", "efficiency_equal.csv")
    try folder.write(
      "run,mode,inverse,phase,cut,epoch,step,images,operations,seconds,mse,psnr\n"
        + "m,modular,network,modular,embed,1,10,100,1e12,20,0.02,17\nm,modular,network,modular,embed,2,20,200,2e12,40,0.01,20.5\n"
        + "e,end-to-end,network,end-to-end,embed,1,10,100,1e12,58,0.02,17\n", "efficiency_curves.csv")
    let summary = try folder.builder.build()
    let page = try folder.page()
    #expect(page.contains("Within time: 60.0 s, from embed: m 20.50 dB, e 17.00 dB."))
    #expect(page.contains("<strong>2.000</strong>"))
    #expect(page.contains("<strong>20.50</strong>"))
    #expect(summary.files.contains("figures/efficiency-operations.pdf"))
    let bars = try String(
      contentsOf: folder.output.appendingPathComponent("figures/efficiency-equal.svg"), encoding: .utf8)
    for text in [">embed</text>", ">time</text>", ">m</text>", ">e</text>"] { #expect(bars.contains(text), "\(text)") }
  }
}

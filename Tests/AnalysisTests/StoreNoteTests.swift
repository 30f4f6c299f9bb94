import Analysis
import Testing

@Suite struct StoreNoteTests {
  @Test func theSameIsSaidOnceOfAllStores() {
    let notes = [
      StoreNote("nothing of ", "vit", ": no turns"), StoreNote("lpips of ", "vit", ""),
      StoreNote("nothing of ", "swin", ": no turns"), StoreNote("nothing of ", "detr", ": one turn"),
      StoreNote("nothing of ", "vit", ": no turns"), StoreNote("nothing of ", "deit", ": no turns"),
    ]
    #expect(
      StoreNote.sentences(notes) == [
        "nothing of vit, swin and deit: no turns", "lpips of vit", "nothing of detr: one turn",
      ])
    #expect(StoreNote.sentences([]) == [])
  }
}

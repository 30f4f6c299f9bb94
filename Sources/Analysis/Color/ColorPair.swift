/// Two images of one size: as it is shown, and as it was before its colours were changed.
package struct ColorPair: Sendable {
  let shown: LabImage
  /// nil where what is shown is the original.
  let original: LabImage?

  package init(shown: LabImage, original: LabImage?) {
    self.shown = shown
    self.original = original
  }
}

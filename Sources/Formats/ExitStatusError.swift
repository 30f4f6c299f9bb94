/// An error that knows with which status a program ends because of it: 1 where the work failed, 2 for bad usage or bad input,
/// 130 for an interruption by the user (the program itself ends with 75 where the machine asked it to). Its description is one sentence for people.
public protocol ExitStatusError: Error, CustomStringConvertible {
  var exitStatus: Int32 { get }
}

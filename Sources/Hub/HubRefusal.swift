import Formats
import Foundation

/// What an answer that is a refusal means for the user.
enum HubRefusal {
  /// Behind the number of a status.
  static func meaning(_ status: Int) -> String {
    switch status {
    case 429: " (too many requests)"
    case 500, 502, 504: " (it has trouble)"
    case 503: " (it is busy)"
    default: ""
    }
  }

  /// - Parameters:
  ///   - response: an answer that is not a success.
  ///   - repository: what was asked for.
  ///   - file: the file that was asked for; nil where it was the repository.
  static func error(
    _ response: HTTPResponse, _ repository: HubRepository, file: String? = nil, of connection: HubConnection
  ) -> HubError {
    let settings = connection.settings
    let page = "\(settings.endpoint)/\(repository.addressPrefix)\(repository.name)"
    let code = response["x-error-code"]
    let said = response["x-error-message"].map { ": \($0)" } ?? ""
    switch (response.status, code) {
    case (401, "GatedRepo"), (403, "GatedRepo"):
      return gated(response.status, repository, page, settings)
    case (_, "DisabledRepo"):
      return HubError(.noAccess, "\(repository.name): the Hub has closed this \(repository.title) to everybody\(said)")
    case (_, "RevisionNotFound"):
      return HubError(
        .notFound,
        "\(repository.name) has no revision '\(repository.revision)'"
          + Spelling.suggestion(for: repository.revision, among: HubNames.revisions(of: repository, connection))
          + "; its branches and tags are listed at \(page)")
    case (_, "EntryNotFound"):
      return HubError(
        .notFound, "\(repository): there is no \(file ?? "such file") in it; see \(page)/tree/\(repository.revision)")
    case (401, "RepoNotFound"), (404, _),
      (401, nil) where settings.token == nil:
      return unknown(repository, page, connection)
    case (401, _):
      return HubError(
        .noAccess,
        "\(repository.name): the Hub does not accept the token of \(settings.token?.source ?? "HF_TOKEN"), or there is no such "
          + "\(repository.title); make a new token at \(settings.endpoint)/settings/tokens\(HubNames.suggestion(repository, connection))"
      )
    case (403, _):
      return HubError(
        .noAccess,
        "\(repository.name): the Hub refuses access\(said); "
          + (settings.token.map {
            "give the token of \($0.source) the right to read it at \(settings.endpoint)/settings/tokens"
          }
            ?? missingToken(settings)))
    default:
      return HubError(
        .unreachable,
        "\(connection.place) answers \(response.status)\(meaning(response.status)) to \(repository)\(said); try again later"
      )
    }
  }

  private static func gated(_ status: Int, _ repository: HubRepository, _ page: String, _ settings: HubSettings)
    -> HubError
  {
    let accept = "\(repository.name) is gated: accept its conditions at \(page)"
    guard let token = settings.token else { return HubError(.noAccess, "\(accept), then \(missingToken(settings))") }
    let right =
      status == 401
      ? "the token of \(token.source) is not accepted: make one that may read gated \(repository.title)s"
      : "the token of \(token.source) has no access yet: it must be of the account that accepted them, and may read gated \(repository.title)s"
    return HubError(.noAccess, "\(accept); \(right) (\(settings.endpoint)/settings/tokens)")
  }

  private static func missingToken(_ settings: HubSettings) -> String {
    "give a token of your account (\(settings.endpoint)/settings/tokens): none is set, neither HF_TOKEN nor in \(settings.tokenFile)"
  }

  private static func unknown(_ repository: HubRepository, _ page: String, _ connection: HubConnection) -> HubError {
    let settings = connection.settings
    let secret =
      settings.token == nil
      ? "a private one needs a token: none is set, neither HF_TOKEN nor in \(settings.tokenFile)"
      : "a private one must be of the account whose token \(settings.token?.source ?? "") holds"
    let local = repository.kind == .model ? ", and no folder of that name is here" : ""
    return HubError(
      .notFound,
      "\(connection.place) has no \(repository.title) '\(repository.name)'"
        + "\(HubNames.suggestion(repository, connection))\(local); check the name, \(secret)")
  }
}

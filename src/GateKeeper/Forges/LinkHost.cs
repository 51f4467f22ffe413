namespace GateKeeper.Forges;

/// <summary>Whether a link leads to the server that the gate speaks to: a number on another server is another change's.</summary>
internal static class LinkHost
{
    /// <param name="server">Where the server is reached.</param>
    /// <param name="host">What stands in the link between "//" and the next slash.</param>
    public static bool IsOf(Uri server, string host) =>
        Uri.TryCreate($"{server.Scheme}://{host}/", UriKind.Absolute, out var link) && link.UserInfo.Length == 0
        && Bare(link.Host).Equals(Bare(server.Host), StringComparison.OrdinalIgnoreCase)
        && (link.IsDefaultPort || link.Port == server.Port);

    private static string Bare(string host) => host.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? host["www.".Length..] : host;
}

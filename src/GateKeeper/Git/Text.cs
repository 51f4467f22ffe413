using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Reads what commit messages say beside their words.</summary>
internal static class MessageText
{
    /// <summary>The trailers that people wrote, as git reads them.</summary>
    public static ValueList<Trailer> Trailers(string message) => GitTrailers.Of(message);

    /// <summary>What a message says that it depends on: lines "Depends-On: ..." anywhere in it, for people put them where they like.</summary>
    public static IEnumerable<string> DependsOn(string message) =>
        message.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith("Depends-On:", StringComparison.OrdinalIgnoreCase)).Select(line => line["Depends-On:".Length..].Trim()).Where(name => name.Length > 0);
}

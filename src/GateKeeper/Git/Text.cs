using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Reads what commit messages say beside their words.</summary>
internal static class MessageText
{
    /// <summary>The trailers that people wrote, as git reads them.</summary>
    public static ValueList<Trailer> Trailers(string message) => GitTrailers.Of(message);
}

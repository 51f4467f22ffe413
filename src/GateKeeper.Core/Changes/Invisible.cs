namespace GateKeeper.Core.Changes;

/// <summary>Characters that show nothing themselves and change how what stands beside them is shown.</summary>
public static class Invisible
{
    /// <summary>Embeddings, overrides and isolates: between them text is shown in another order than it is read in.</summary>
    public static bool TurnsOrder(char letter) => letter is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}

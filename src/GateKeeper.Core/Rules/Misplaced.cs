namespace GateKeeper.Core.Rules;

/// <summary>Keys that mean something elsewhere.</summary>
internal static class Misplaced
{
    /// <summary>Tells that a key is not at its place, where it is there.</summary>
    public static void Tell(Fields fields, string key, string why)
    {
        if (!fields.Names.Contains(key))
            return;
        fields.Problems.Add(new(fields.KeyPlaceOf(key), $"\"{key}\" is not at its place: {why}"));
        fields.Take(key);
    }
}

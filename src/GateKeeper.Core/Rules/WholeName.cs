namespace GateKeeper.Core.Rules;

/// <summary>Names that are meant letter by letter: of people, teams and what reports say.</summary>
internal static class WholeName
{
    /// <summary>Why a name is taken for a mistake; null where it is none. What looks like a pattern is none here, and would name nobody in silence.</summary>
    public static string? WhyNot(string name, string what) =>
        name.StartsWith('!') || name.Any("*?{}".Contains) ? $"\"{name}\" looks like a pattern, and {what} are named one by one"
        : name.Any(",;|".Contains) ? $"\"{name}\" looks like several, and {what} are named one by one"
        : name != name.Trim() ? $"\"{name}\" begins or ends with a space, and {what} do not"
        : null;
}

using GateKeeper.Core.Gates;

namespace GateKeeper.Core.Rules;

/// <summary>Reads <c>size:</c>, which is a requirement and a condition.</summary>
internal static class SizeReader
{
    /// <param name="fields">The mapping that holds it.</param>
    public static SizeLimit Read(Fields fields)
    {
        if (fields.Mapping("size") is not { } size)
            return new(null, null, null);
        var place = size.PlaceOf("except");
        var limit = new SizeLimit(size.Number("max-lines", 0, int.MaxValue), size.Number("max-files", 0, int.MaxValue), size.Patterns("except"));
        if (limit is { MaxLines: null, MaxFiles: null })
            size.Error("\"size\" needs max-lines or max-files");
        if (limit.Except?.MatchesAll == true)
            size.Problems.Add(new(place, "\"except\" leaves out every file, so that any change is small"));
        size.Done("\"size\"");
        return limit;
    }
}

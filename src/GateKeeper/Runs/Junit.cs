using System.Xml;

namespace GateKeeper.Runs;

/// <summary>
/// Names failing cases from JUnit files that a run left. The text is hostile: it is bounded, no entity is resolved, and it names and
/// never decides.
/// </summary>
internal static class Junit
{
    public const string Mark = "--- gatekeeper: junit ---";
    private const int MostCases = 20;

    /// <summary>The names of failing cases, and the log without the files.</summary>
    public static (IReadOnlyList<string> Failing, string Log) Split(string log)
    {
        var parts = $"\n{log}".Split($"\n{Mark}\n");
        return ([.. parts.Skip(1).SelectMany(Failing).Distinct().Take(MostCases)], parts[0].TrimStart('\n'));
    }

    private static List<string> Failing(string xml)
    {
        var failing = new List<string>();
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = 1 << 20,
            });
            var current = "";
            while (reader.Read() && failing.Count < MostCases)
            {
                if (reader.NodeType is not XmlNodeType.Element)
                    continue;
                if (reader.Name == "testcase")
                    current = string.Join('.', new[] { reader.GetAttribute("classname"), reader.GetAttribute("name") }.OfType<string>());
                else if (reader.Name is "failure" or "error" && current.Length > 0)
                    failing.Add(new([.. current.Where(letter => !char.IsControl(letter)).Take(200)]));
            }
        }
        catch (XmlException)
        {
            // Half a file, or none: what was read until here is named, the rest is in the log.
        }

        return failing;
    }
}

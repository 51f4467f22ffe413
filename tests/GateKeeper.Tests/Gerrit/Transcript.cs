using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What a place answered in the course of a story, without what differs from server to server: numbers, hashes, moments.</summary>
internal sealed partial class Transcript(GerritPlace place)
{
    private static readonly JsonSerializerOptions Plain = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Everything = ["ALL_REVISIONS", "CURRENT_COMMIT", "DETAILED_LABELS", "DETAILED_ACCOUNTS", "SUBMIT_REQUIREMENTS", "MESSAGES", "SKIP_DIFFSTAT", "PARENTS", "SUBMITTABLE"];

    /// <summary>What nobody asks for, and what Gerrit picks from the votes in no order: one that is the highest, one that is the lowest.</summary>
    private static readonly HashSet<string> Left = ["attention_set", "removed_from_attention_set", "pending_reviewers", "submit_records", "requirements", "accounts_in_message", "removable_labels", "removable_reviewers", "revision", "group_id", "approved", "rejected", "recommended", "disliked", "reviewer_updates", "config_web_links", "web_links", "debug_logs", "url"];

    private readonly StringBuilder text = new();
    private readonly Dictionary<string, string> hashes = [];
    private readonly Dictionary<string, string> numbers = [];

    public void Say(string words) => text.Append("\n# ").AppendLine(words);

    public async Task AskAsync(string who, string method, string path, object? body = null)
    {
        var answer = await place.AskAsync(who, method, path, body);
        var told = answer.Text;
        if (told.StartsWith(')'))
        {
            var groups = answer.Json is JsonObject json ? json["groups"]?.AsObject().Select(group => (group.Key, Name: (string)group.Value!["name"]!)).ToList() ?? [] : [];
            told = Json(JsonNode.Parse(groups.Aggregate(answer.Json.ToJsonString(), (all, group) => all.Replace(group.Key, group.Name, StringComparison.Ordinal)))!);
        }

        text.AppendLine($"{who} {method} {path} -> {(int)answer.Status}").AppendLine(told);
    }

    /// <summary>All that is to be known of a change, and its log.</summary>
    public async Task TellAsync(GerritChange change)
    {
        text.AppendLine($"== {change}").AppendLine(Json(await place.ReadAsync(change, Everything)));
        foreach (var update in await place.LogAsync(change))
        {
            var lines = update.Text.Split('\n').Where(line => !line.StartsWith("Attention:", StringComparison.Ordinal)).ToLookup(line => line.StartsWith("Copied-Label: ", StringComparison.Ordinal));
            text.AppendLine($"-- {update.Author}").AppendLine(string.Join('\n', lines[false].Concat(lines[true].OrderBy(line => Hash().Replace(line, ""), StringComparer.Ordinal))));
        }
    }

    public async Task PushAsync(string who, string commit, string reference, bool force = false, bool brief = false)
    {
        var answer = await place.TryPushAsync(who, commit, reference, force);
        text.AppendLine($"{who} pushes to {reference} -> {answer.Exit}").AppendLine(string.Join('\n', answer.Error.Split('\n').Select(line => line.TrimEnd()).Where(line => !line.Contains("Processing changes", StringComparison.Ordinal) && (!brief || line.StartsWith(" !", StringComparison.Ordinal)))));
    }

    public override string ToString()
    {
        var plain = text.ToString().Replace(place.Project, "PROJECT", StringComparison.Ordinal).Replace(Uri.EscapeDataString(place.Project), "PROJECT", StringComparison.Ordinal)
            .Replace(place.DirectUrl, "URL/", StringComparison.Ordinal);
        plain = Group().Replace(plain, "$1");
        plain = Number().Replace(plain, match => (match.Groups["before"].Value is [_, _, '/'] ? "NN/" : match.Groups["before"].Value) + Named(numbers, match.Groups["number"].Value, "N") + match.Groups["after"].Value);
        plain = Server().Replace(plain, "SERVER");
        plain = Hash().Replace(plain, match => match.Groups[1].Value + Named(hashes, match.Groups[2].Value, "HASH"));
        plain = Short().Replace(plain, "SHORT");
        plain = Hashtags().Replace(plain, match => $"Hashtags: {string.Join(',', match.Groups[1].Value.Split(',').Order(StringComparer.Ordinal))}");
        return Moment().Replace(plain, "MOMENT");
    }

    private static string Named(Dictionary<string, string> names, string found, string kind) =>
        names.TryGetValue(found, out var name) ? name : names[found] = $"{kind}-{names.Count + 1}";

    private static string Json(JsonNode node) => Sorted(node)?.ToJsonString(Plain) ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(entry => !Left.Contains(entry.Key) && !(entry.Key == "value" && map.ContainsKey("values"))).OrderBy(entry => Hash().IsMatch(entry.Key) ? Sorted(entry.Value)!.ToJsonString() : entry.Key, StringComparer.Ordinal).Select(entry => new KeyValuePair<string, JsonNode?>(entry.Key, Sorted(entry.Value)))),
        JsonArray list when list.All(item => item is JsonObject && item["_account_id"] is not null) => new JsonArray([.. list.OrderBy(item => (int)item!["_account_id"]!).Select(Sorted)]),
        JsonArray list when list.All(item => item?.GetValueKind() == JsonValueKind.String) => new JsonArray([.. list.Select(item => (string)item!).Order(StringComparer.Ordinal).Select(item => (JsonNode)item)]),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex(@"(?<before>~|""_number"": (?=\d+,\n\s+""branch"": ""(?!refs/))|""virtual_id_number"": |""change_number"": |[Cc]hange[ :]|/\+/|(?<=refs/changes/)\d\d/|== |submission_id"": ""|Submission-id: )(?<number>\d+)(?<after>\b)")]
    private static partial Regex Number();

    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Server();

    [GeneratedRegex(@"(\bI?)([0-9a-f]{40})\b")]
    private static partial Regex Hash();

    [GeneratedRegex(@"\b(core|bots|outer|hidden)-\d+\b")]
    private static partial Regex Group();

    [GeneratedRegex(@"^Hashtags: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Hashtags();

    [GeneratedRegex(@"(?<=commit |warning: )[0-9a-f]{7}\b|\b[0-9a-f]{7,10}\.\.[0-9a-f]{7,10}\b")]
    private static partial Regex Short();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.0{9})?")]
    private static partial Regex Moment();
}

using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>The votes that count for the current patch set, one row on every label for each reviewer; a copied vote looks like any other.</summary>
internal static class FakeLabelJson
{
    public static void Add(JsonObject json, FakeServer server, FakeAccount caller, FakeChange change, bool detailed, bool accounts)
    {
        var rows = change.Reviewers.Where(reviewer => reviewer.Value == "REVIEWER").Select(reviewer => reviewer.Key).Union(change.Current.Votes.Select(vote => vote.Account)).Order().ToList();
        json["labels"] = new JsonObject(change.Project.Labels.Values.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Name, Label(server, change, label, rows, detailed, accounts))));
        if (!detailed)
            return;
        json["reviewers"] = new JsonObject(change.Reviewers.GroupBy(reviewer => reviewer.Value)
            .Select(group => KeyValuePair.Create<string, JsonNode?>(group.Key, new JsonArray([.. group.Select(reviewer => FakeChangeJson.Account(server, server.Account(reviewer.Key), accounts))]))));
        json["permitted_labels"] = new JsonObject(change.Project.Labels.Keys.Select(label => (label, Values: Permitted(server, caller, change, label))).Where(label => label.Values.Count > 0)
            .Select(label => KeyValuePair.Create<string, JsonNode?>(label.label, new JsonArray([.. label.Values.Select(value => (JsonNode)FakeLabel.Spelled(value))]))));
    }

    private static List<int> Permitted(FakeServer server, FakeAccount account, FakeChange change, string label)
    {
        var lowest = change.Status == "MERGED" ? change.Current.Vote(account.Id, label)?.Value ?? 0 : int.MinValue;
        return change.Status == "ABANDONED" ? [] : [.. server.Range(account, change, "label-" + label).Where(value => value >= lowest).Order()];
    }

    private static JsonObject Label(FakeServer server, FakeChange change, FakeLabel label, List<int> accounts, bool detailed, bool detailedAccounts)
    {
        var json = new JsonObject();
        if (label.Function is "NoBlock" or "NoOp")
            json["optional"] = true;
        json["values"] = new JsonObject(label.Values.Select(value => KeyValuePair.Create<string, JsonNode?>(FakeLabel.Spelled(value.Key), value.Value)));
        json["default_value"] = 0;
        if (accounts.Count > 0)
            json["all"] = new JsonArray([.. accounts.Select(account => Row(server, change, label, server.Account(account), detailed, detailedAccounts))]);

        // Gerrit stops at the first vote that decides, whichever it comes upon: one of a +2 and a -2 is not shown here.
        foreach (var vote in change.Current.Votes.Where(vote => change.Status != "MERGED" && vote.Label == label.Name && vote.Value != 0).OrderBy(vote => vote.Account))
        {
            var decides = vote.Value == label.Max || vote.Value == label.Min;
            json[vote.Value == label.Max ? "approved" : vote.Value == label.Min ? "rejected" : vote.Value > 0 ? "recommended" : "disliked"] = FakeChangeJson.Account(server, server.Account(vote.Account), detailedAccounts);
            if (decides)
                break;
            json["value"] = vote.Value;
        }

        return json;
    }

    private static JsonObject Row(FakeServer server, FakeChange change, FakeLabel label, FakeAccount account, bool detailed, bool detailedAccounts)
    {
        var json = FakeChangeJson.Account(server, account, detailedAccounts);
        var vote = change.Current.Vote(account.Id, label.Name);
        var range = server.Range(account, change, "label-" + label.Name);
        var merged = change.Status == "MERGED";
        if (vote is not null)
        {
            (json["value"], json["date"]) = (vote.Value, FakeChangeJson.Moment(vote.Date));
            if (vote.Tag is not null)
                json["tag"] = vote.Tag;
            if (vote.AfterMerge)
                json["post_submit"] = true;
        }
        else if (detailed && (merged || range.Count > 0))
        {
            json["value"] = 0;
        }

        if (detailed && range.Count > 0 && (!merged || vote is not null))
            json["permitted_voting_range"] = new JsonObject { ["min"] = merged ? Math.Max(range.Min(), vote!.Value) : range.Min(), ["max"] = range.Max() };
        return json;
    }
}

using System.Text.Json.Nodes;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>What is asked about changes, and done to them.</summary>
internal sealed partial class FakeCall
{
    private const int MostQueries = 10;

    private JsonNode? Change(FakeChange change, string[] rest) => (method, rest) switch
    {
        ("GET", [] or [""]) => FakeChangeJson.Of(server, caller, change, Options),
        ("GET", ["detail"]) => FakeChangeJson.Of(server, caller, change, [.. Options, "DETAILED_LABELS", "DETAILED_ACCOUNTS", "MESSAGES", "REVIEWER_UPDATES"]),
        ("POST", ["revisions", var revision, "review"]) => FakeReview.Post(server, caller, change, PatchSet(change, revision), body),
        ("POST", ["revisions", var revision, "submit"]) => Told(change, () => FakeSubmit.Submit(server, caller, change, PatchSet(change, revision))),
        ("GET", ["submitted_together"]) => FakeSubmit.Together(server, caller, change),
        ("POST", ["submit"]) => Told(change, () => FakeSubmit.Submit(server, caller, change, change.Current)),
        ("DELETE", ["reviewers", var voter, "votes", var label]) => Deleted(change, voter, label),
        ("POST", ["reviewers", var voter, "votes", var label, "delete"]) => Deleted(change, voter, label),
        ("DELETE", ["messages", var message]) => Removed(change, message),
        ("POST", ["abandon"]) => Told(change, () => Abandon(change)),
        ("POST", ["restore"]) => Told(change, () => Restore(change)),
        ("POST", ["wip"]) => Empty(() => FakeReview.SetWip(server, caller, change, true, (string?)body["message"])),
        ("POST", ["ready"]) => Empty(() => FakeReview.SetWip(server, caller, change, false, (string?)body["message"])),
        ("POST", ["hashtags"]) => Hashtags(change),
        ("GET", ["hashtags"]) => new JsonArray([.. change.Hashtags.Select(tag => (JsonNode)tag)]),
        ("PUT", ["topic"]) => Topic(change, (string?)body["topic"] ?? ""),
        ("POST", ["move"]) => Told(change, () => Move(change, FakeServer.Full((string)body["destination_branch"]!))),
        ("POST", ["rebase"]) => Told(change, () => FakeSubmit.Rebase(server, caller, change)),
        _ => throw Unknown(),
    };

    private string[] Options => [.. query["o"].OfType<string>()];

    private JsonArray Search()
    {
        var asked = query["q"].OfType<string>().ToList();
        if (asked.Count > MostQueries)
            throw new FakeRefusal(400, $"limit of {MostQueries} queries");
        var most = int.TryParse(query["n"].ToString(), out var number) ? Math.Min(number, 500) : 500;
        var start = int.TryParse(query["S"].ToString() is { Length: > 0 } from ? from : query["start"].ToString(), out var first) ? first : 0;
        var answers = asked.DefaultIfEmpty("status:open").Select(text => Page(server.Search(caller, text, Options), start, most)).ToList();
        return answers.Count == 1 ? answers[0] : new([.. answers]);
    }

    private static JsonArray Page(List<JsonObject> found, int start, int most)
    {
        var page = found.Skip(start).Take(most).ToList();
        if (start + most < found.Count && page.Count > 0)
            page[^1]["_more_changes"] = true;
        return new([.. page]);
    }

    private FakeChange FindChange(string id)
    {
        var found = id.Split('~') switch
        {
            [var project, var number] => server.Changes.Where(change => change.Project.Name == project && $"{change.Number}" == number),
            [var project, var branch, var changeId] => server.Changes.Where(change => change.Project.Name == project && FakeServer.Brief(change.Branch) == FakeServer.Brief(branch) && change.ChangeId == changeId),
            _ => server.Changes.Where(change => $"{change.Number}" == id || change.ChangeId == id),
        };
        return found.ToList() is [var one] && server.Sees(caller, one) ? one : throw new FakeRefusal(404, $"Not found: {id}");
    }

    private static FakePatchSet PatchSet(FakeChange change, string revision) =>
        revision == "current" ? change.Current
            : change.PatchSets.Find(each => $"{each.Number}" == revision || (revision.Length >= 4 && each.Commit.Sha.StartsWith(revision, StringComparison.Ordinal))) ?? throw new FakeRefusal(404, $"Not found: {revision}");

    private JsonObject Told(FakeChange change, Action act)
    {
        act();
        return FakeChangeJson.Of(server, caller, change, Options);
    }

    private static JsonValue Empty(Action act)
    {
        act();
        return JsonValue.Create("");
    }

    private JsonNode? Deleted(FakeChange change, string voter, string label)
    {
        FakeReview.DeleteVote(server, caller, change, Who(voter), label);
        Status = 204;
        return null;
    }

    private JsonNode? Removed(FakeChange change, string message)
    {
        FakeRefusal.Unless(server.IsAdministrator(caller), "delete change message not permitted");
        if (!change.Messages.Exists(each => each.Id == message))
            throw new FakeRefusal(404, $"Not found: {message}");
        change.Unsay(server, message, $"Change message removed by: <GERRIT_ACCOUNT_{caller.Id}>");
        Status = 204;
        return null;
    }

    private void Abandon(FakeChange change)
    {
        FakeRefusal.Unless(caller.Id == change.Owner || server.IsOwner(caller, change.Project) || server.May(caller, change.Project, change.Branch, "abandon"), "abandon not permitted");
        if (!change.IsOpen)
            throw new FakeRefusal(409, $"change is {FakeReview.Lower(change.Status)}");
        change.Status = "ABANDONED";
        change.Write(server, caller.Id, change.Current.Number, FakeReview.With("Abandoned", (string?)body["message"]), ("Status", "abandoned"), ("Tag", "autogenerated:gerrit:abandon"));
    }

    private void Restore(FakeChange change)
    {
        FakeRefusal.Unless(caller.Id == change.Owner || server.IsOwner(caller, change.Project) || server.May(caller, change.Project, change.Branch, "abandon"), "restore not permitted");
        if (change.Status != "ABANDONED")
            throw new FakeRefusal(409, $"change is {FakeReview.Lower(change.Status)}");
        change.Status = "NEW";
        change.Write(server, caller.Id, change.Current.Number, FakeReview.With("Restored", (string?)body["message"]), ("Status", "new"), ("Tag", "autogenerated:gerrit:restore"));
    }

    private JsonArray Hashtags(FakeChange change)
    {
        FakeRefusal.Unless(caller.Id == change.Owner || server.IsOwner(caller, change.Project) || server.May(caller, change.Project, change.Branch, "editHashtags"), "edit hashtags not permitted");
        var added = Tags("add").Where(change.Hashtags.Add).Order(StringComparer.Ordinal).ToList();
        var removed = Tags("remove").Where(change.Hashtags.Remove).Order(StringComparer.Ordinal).ToList();
        if (added.Count + removed.Count > 0)
        {
            change.Write(server, caller.Id, change.Current.Number, string.Join('\n', new[] { FakePush.HashtagWords("added", added), FakePush.HashtagWords("removed", removed) }.OfType<string>()),
                ("Hashtags", string.Join(',', change.Hashtags)), ("Tag", "autogenerated:gerrit:setHashtag"));
        }

        return new([.. change.Hashtags.Select(tag => (JsonNode)tag)]);

        IEnumerable<string> Tags(string name) => (body[name]?.AsArray() ?? []).Select(tag => ((string)tag!).TrimStart('#'));
    }

    private JsonNode? Topic(FakeChange change, string topic)
    {
        FakeRefusal.Unless(caller.Id == change.Owner || server.IsOwner(caller, change.Project) || server.May(caller, change.Project, change.Branch, "editTopicName"), "edit topic name not permitted");
        if (topic == (change.Topic ?? ""))
            return topic;
        var words = topic.Length == 0 ? $"Topic {change.Topic} removed" : change.Topic is null ? $"Topic set to {topic}" : $"Topic changed from {change.Topic} to {topic}";
        change.Topic = topic.Length == 0 ? null : topic;
        change.Write(server, caller.Id, change.Current.Number, words, ("Topic", topic), ("Tag", "autogenerated:gerrit:setTopic"));
        if (topic.Length > 0)
            return topic;
        Status = 204;
        return null;
    }

    /// <summary>Votes stay behind when a change is moved.</summary>
    private void Move(FakeChange change, string branch)
    {
        FakeRefusal.Unless(caller.Id == change.Owner || server.IsOwner(caller, change.Project) || server.May(caller, change.Project, change.Branch, "abandon"), "move not permitted");
        if (!change.IsOpen)
            throw new FakeRefusal(409, $"Change is {FakeReview.Lower(change.Status)}");
        if (change.Branch == branch)
            throw new FakeRefusal(409, "Change is already destined for the specified branch");
        if (change.Project.Tip(branch) is null)
            throw new FakeRefusal(409, $"Destination {branch} not found in the project");
        var votes = change.Current.Votes.OrderBy(vote => vote.Account).ThenBy(vote => vote.Label, StringComparer.Ordinal).ToList();
        foreach (var vote in votes)
            change.Current.Set(new(vote.Account, vote.Label, 0, server.Now, null, FakeChange.NewMark(), false, false));
        var words = $"Change destination moved from {FakeServer.Brief(change.Branch)} to {FakeServer.Brief(branch)}";
        change.Branch = branch;
        change.Write(server, caller.Id, change.Current.Number, FakeReview.With(words, (string?)body["message"]),
            [("Branch", branch), ("Tag", "autogenerated:gerrit:move"), .. votes.Select(vote => ("Label", $"-{vote.Label} {server.Account(vote.Account).Identity(server.Id)}"))]);
    }
}

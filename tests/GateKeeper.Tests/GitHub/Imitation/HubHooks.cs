using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>One webhook that was sent, or was to be sent.</summary>
internal sealed record HubDelivery(long Id, string Guid, DateTimeOffset At, string Event, string? Action, string Payload, long Repository)
{
    public int Status { get; set; }

    public bool Redelivered { get; init; }
}

/// <summary>Tells the App's address of everything that happens, signed; never tries again by itself.</summary>
internal sealed class HubHooks(HubServer server) : IAsyncDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly HubJson json = new(server);
    private readonly HubCheckJson checks = new(server);
    private readonly Lock gate = new();
    private readonly Queue<HubDelivery> waiting = [];
    private readonly List<HubDelivery> all = [];

    /// <summary>Where they go; nowhere at first.</summary>
    public Uri? Address { get; set; }

    public string Secret { get; set; } = "hook-secret";

    /// <summary>While it is so, they are lost on the way.</summary>
    public bool Lost { get; set; }

    public IReadOnlyList<HubDelivery> All
    {
        get
        {
            lock (gate)
                return [.. all];
        }
    }

    public JsonObject Config()
    {
        var told = new JsonObject { ["content_type"] = "json", ["insecure_ssl"] = "0", ["secret"] = "********" };
        if (Address is not null)
            told["url"] = Address.ToString();
        return told;
    }

    public IEnumerable<JsonNode> Deliveries() => All.Reverse().Select(each => new JsonObject
    {
        ["id"] = each.Id,
        ["guid"] = each.Guid,
        ["delivered_at"] = HubJson.At(each.At),
        ["redelivery"] = each.Redelivered,
        ["duration"] = 0.03,
        ["status"] = each.Status is >= 200 and < 300 ? "OK" : "failed to connect to host",
        ["status_code"] = each.Status,
        ["event"] = each.Event,
        ["action"] = each.Action,
        ["installation_id"] = server.Apps[0].Installation,
        ["repository_id"] = each.Repository,
        ["throttled_at"] = null,
    });

    /// <summary>An old one goes out once more, with the same GUID.</summary>
    public void Again(long id)
    {
        lock (gate)
            waiting.Enqueue((all.Find(each => each.Id == id) ?? throw HubRefusal.NotFound) with { Id = server.NextId(), Redelivered = true });
    }

    public void Pull(HubPull pull, string action, HubAccount sender, params (string Name, JsonNode? Value)[] more) =>
        Add(pull.Repository, "pull_request", action, sender, [("number", pull.Number), ("pull_request", json.Pull(pull, full: false)), .. more]);

    public void Review(HubPull pull, HubReview review, string action, HubAccount sender)
    {
        var told = json.Review(pull, review);
        told["state"] = review.State.ToLowerInvariant();
        Add(pull.Repository, "pull_request_review", action, sender, [("review", told), ("pull_request", json.Pull(pull, full: false))]);
    }

    public void Comment(HubComment comment, string action, HubAccount sender)
    {
        var pull = comment.Pull;
        var issue = new JsonObject
        {
            ["number"] = pull.Number,
            ["title"] = pull.Title,
            ["state"] = pull.State == "OPEN" ? "open" : "closed",
            ["user"] = json.User(pull.Author),
            ["pull_request"] = new JsonObject { ["url"] = $"{json.Url(pull.Repository)}/pulls/{pull.Number}", ["html_url"] = json.Html(pull) },
        };
        Add(pull.Repository, "issue_comment", action, sender, [("issue", issue), ("comment", json.Comment(comment))]);
    }

    public void Run(HubRepository repository, HubCheckRun run, string action, HubAccount sender) => Add(repository, "check_run", action, sender, [("check_run", checks.Run(repository, run))]);

    public void Status(HubRepository repository, HubStatus status) => Add(repository, "status", null, status.Creator,
        [("id", status.Id), ("sha", status.Sha), ("name", repository.FullName), ("context", status.Context), ("state", status.State), ("description", status.Description), ("target_url", status.TargetUrl),
        ("commit", json.Commit(repository, repository.Commit(status.Sha)!)), ("branches", new JsonArray()), ("created_at", HubJson.At(status.At)), ("updated_at", HubJson.At(status.At))]);

    public void Push(HubRepository repository, HubAccount sender, string reference, string before, string after, bool forced)
    {
        var nothing = new string('0', 40);
        Add(repository, "push", null, sender,
            [("ref", reference), ("before", before), ("after", after), ("created", before == nothing), ("deleted", after == nothing), ("forced", forced), ("base_ref", null), ("compare", $"{server.Address}{repository.FullName}/compare/{before[..12]}...{after[..12]}"), ("commits", new JsonArray()),
            ("head_commit", repository.Commit(after) is { } head ? new JsonObject { ["id"] = head.Sha, ["tree_id"] = head.Tree.Sha, ["message"] = head.Message, ["timestamp"] = HubJson.At(head.Committer.When) } : null),
            ("pusher", new JsonObject { ["name"] = sender.Login, ["email"] = sender.Email })]);
    }

    /// <summary>Sends what waits, one after the other.</summary>
    public async Task DeliverAsync()
    {
        while (Next() is { } delivery)
        {
            if (Address is not null && !Lost)
                delivery.Status = await SendAsync(delivery.Event, delivery.Payload, delivery.Guid, Signature(delivery.Payload, Secret));
            lock (gate)
                all.Add(delivery);
        }
    }

    /// <summary>Somebody who is not the server sends one, signed as he can, or not at all.</summary>
    public Task<int> ForgeAsync(string @event, string payload, string? secret) =>
        SendAsync(@event, payload, "00000000-0000-4000-8000-00000000dead", secret is null ? null : Signature(payload, secret));

    public static string Signature(string payload, string secret) => "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(payload)));

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    private HubDelivery? Next()
    {
        lock (gate)
            return waiting.TryDequeue(out var delivery) ? delivery : null;
    }

    private void Add(HubRepository repository, string @event, string? action, HubAccount sender, (string Name, JsonNode? Value)[] told)
    {
        if (server.Apps.Count == 0 || !server.Apps[0].Events.Contains(@event))
            return;
        var payload = new JsonObject();
        if (action is not null)
            payload["action"] = action;
        foreach (var (name, value) in told)
            payload[name] = value;
        payload["repository"] = json.Repository(repository);
        foreach (var name in @event == "push" ? (string[])["created_at", "pushed_at"] : [])
            payload["repository"]![name] = server.Now.ToUnixTimeSeconds();
        payload["organization"] = new JsonObject { ["login"] = server.Organization.Login, ["id"] = server.Organization.Id };
        payload["sender"] = json.User(sender);
        payload["installation"] = new JsonObject { ["id"] = server.Apps[0].Installation, ["node_id"] = HubJson.NodeId("I", server.Apps[0].Installation) };
        var id = server.NextId();
        lock (gate)
            waiting.Enqueue(new(id, $"00000000-0000-4000-8000-{id:x12}", server.Now, @event, action, payload.ToJsonString(), repository.Id));
    }

    private async Task<int> SendAsync(string @event, string payload, string guid, string? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new StringContent(payload, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-GitHub-Event", @event);
        request.Headers.Add("X-GitHub-Delivery", guid);
        request.Headers.Add("X-GitHub-Hook-ID", "1");
        request.Headers.Add("X-GitHub-Hook-Installation-Target-Type", "integration");
        request.Headers.Add("X-GitHub-Hook-Installation-Target-ID", server.Apps[0].Id.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("X-GitHub-Enterprise-Host", "127.0.0.1");
        request.Headers.UserAgent.ParseAdd("GitHub-Hookshot/1234567");
        if (signature is not null)
            request.Headers.Add("X-Hub-Signature-256", signature);
        try
        {
            using var response = await client.SendAsync(request);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }
}

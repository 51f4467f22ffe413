using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>
/// What a story orders to happen to requests before they are answered. A request is known by its method and by a part of its address or
/// of its body ("/git-receive-pack", "/merge", "query GateKeeperPoll").
/// </summary>
internal sealed class HubOrders(HubServer server)
{
    private readonly Lock gate = new();
    private readonly List<Order> orders = [];
    private readonly List<(string Part, JsonObject Answer)> graphs = [];
    private bool down;

    /// <summary>"Type.field" of GraphQL that the token may not see: it is null, and the answer says FORBIDDEN.</summary>
    public HashSet<string> Forbidden { get; } = [];

    /// <summary>What becomes of what GraphQL tells of one pull request, without a word of why.</summary>
    public (int Pull, Action<JsonObject> Deed)? Retell { get; set; }

    /// <summary>The next so many are answered so: before the server has seen them, or after it has done them.</summary>
    public void FailNext(string method, string part, int status = 500, int times = 1, bool afterDoing = false, string body = "") =>
        Add(new(method, part, times, afterDoing ? Kind.FailAfter : Kind.Fail) { Status = status, Body = body });

    /// <summary>What was ordered and has not happened yet does not happen.</summary>
    public void Forget()
    {
        lock (gate)
            orders.Clear();
    }

    /// <summary>The next ones never have an answer, until whoever asks gives up.</summary>
    public void HangNext(string method, string part, int times = 1) => Add(new(method, part, times, Kind.Hang));

    /// <summary>The next ones lose their connection.</summary>
    public void CloseNext(string method, string part, int times = 1, bool afterDoing = false) => Add(new(method, part, times, afterDoing ? Kind.CloseAfter : Kind.Close));

    /// <summary>Somebody does something in the moment before the next such request is seen by the server.</summary>
    public void Before(string method, string part, Func<Task> act) => Add(new(method, part, 1, Kind.Act) { Deed = act });

    /// <summary>While it is down, every connection breaks without an answer.</summary>
    public void Down(bool isDown) => down = isDown;

    /// <summary>The next query with this part has this answer and no other, with status 200.</summary>
    public void AnswerGraph(string part, JsonObject answer)
    {
        lock (gate)
            graphs.Add((part, answer));
    }

    /// <summary>The next query with this part takes more than the server will give: one path of it is null.</summary>
    public void ExceedResources(string part) => AnswerGraph(part, new()
    {
        ["data"] = new JsonObject { ["repository"] = null },
        ["errors"] = new JsonArray(new JsonObject { ["type"] = "RESOURCE_LIMITS_EXCEEDED", ["path"] = new JsonArray("repository", "pullRequests"), ["message"] = "Resource limits for this query exceeded." }),
    });

    public JsonObject? Graph(string body)
    {
        lock (gate)
        {
            var at = graphs.FindIndex(each => body.Contains(each.Part, StringComparison.Ordinal));
            if (at < 0)
                return null;
            var answer = graphs[at].Answer;
            graphs.RemoveAt(at);
            return answer;
        }
    }

    /// <summary>Retells what was ordered to be told otherwise; answers whether this answer held any of it.</summary>
    public bool Retells(JsonNode? answer)
    {
        var nodes = (answer?["data"]?["nodes"] as JsonArray ?? []).OfType<JsonObject>().Where(node => Retell is { } retell && (int?)node["number"] == retell.Pull).ToList();
        nodes.ForEach(node => Retell!.Value.Deed(node));
        return nodes.Count > 0;
    }

    /// <summary>Whether the request goes on to the server.</summary>
    public async Task<bool> StandInTheWayAsync(HttpContext context, string target, string body, Func<Task>? answer)
    {
        if (down)
        {
            context.Abort();
            return false;
        }

        while (Take(context.Request.Method, target, body) is { } order)
        {
            switch (order.Kind)
            {
                case Kind.Act:
                    await order.Deed!();
                    continue;
                case Kind.Hang:
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    return false;
                case Kind.Close:
                    context.Abort();
                    return false;
                case Kind.CloseAfter or Kind.FailAfter when answer is not null:
                    var real = context.Response.Body;
                    context.Response.Body = Stream.Null;
                    await answer();
                    context.Response.Body = real;
                    context.Response.Clear();
                    break;
            }

            if (order.Kind == Kind.CloseAfter)
            {
                context.Abort();
                return false;
            }

            context.Response.StatusCode = order.Status;
            if (answer is not null)
                server.Transcript.Add(new(server.Now, context.Request.Method, target, body, order.Status, order.Body, Ordered: true));
            await context.Response.WriteAsync(order.Body);
            return false;
        }

        return true;
    }

    private void Add(Order order)
    {
        lock (gate)
            orders.Add(order);
    }

    private Order? Take(string method, string target, string body)
    {
        lock (gate)
        {
            var order = orders.Find(each => each.Method == method && (target.Contains(each.Part, StringComparison.Ordinal) || body.Contains(each.Part, StringComparison.Ordinal)));
            if (order is not null && --order.Left == 0)
                orders.Remove(order);
            return order;
        }
    }

    private enum Kind
    {
        Fail,
        FailAfter,
        Hang,
        Close,
        CloseAfter,
        Act,
    }

    private sealed class Order(string method, string part, int times, Kind kind)
    {
        public string Method => method;

        public string Part => part;

        public int Left { get; set; } = times;

        public Kind Kind => kind;

        public int Status { get; init; }

        public string Body { get; init; } = "";

        public Func<Task>? Deed { get; init; }
    }
}

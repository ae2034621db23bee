// Package statedict holds PyTorch state dicts: .safetensors files in and out, and the mapping between their entries
// and the variables of a model.
//
// A network that the published code trained is evaluated here with the same logits, and a network that was trained here
// continues there. Layers are told apart by the names and the rank of their entries alone: convolutions, batch
// normalizations and the heads of the published code. Linear layers within a backbone are not mapped.
// Architectures are in package models, heads in package dismaxlib.
//
// Start with [Read] and [State.Load], or with [Of] and [State.Write]:
//
//	state, err := statedict.Read("resnet34.safetensors")
//	err = state.Load(store)
//
// In Python, safetensors.torch.save_file(network.state_dict(), path) and network.load_state_dict(load_file(path)) are
// the other side.
package statedict
